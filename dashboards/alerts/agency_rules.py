"""Alerts of one agency: its rates, its sources, its events."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from dashboards.alerts.form import BelowOverride, CoverageOverride, DropOverride, Dropped, Thresholds
from dashboards.alerts.rule import (
    AGENCY_NAME,
    PERIOD_NAME,
    THRESHOLD_SHOWN,
    Rule,
    judged,
    matching,
    of_these,
    pick,
)
from emc.definitions import METRICS, of_metric
from sinks.prometheus import metrics

T = TypeVar("T")
_HELD = ("metric", "definition", "agency")
_RECEIVED, _RESOLVED = "online_submission", "electronic_result"
"""One metric for each way of counting a day: its coverage stands for that of all others."""
_COUNTED = f'{{{{ if eq $labels.metric "{_RECEIVED}" }}}}received{{{{ else }}}}resolved{{{{ end }}}}'


def agency_rules(thresholds: Thresholds) -> Iterator[Rule]:
    """Every rule whose alerts bear an agency."""
    for metric in thresholds.below:
        yield from _below(metric, thresholds)
    yield _jumped("RateDropped", "-", "<", thresholds)
    yield _jumped("RateRose", "", ">", thresholds)
    yield _silent(thresholds)
    yield from _coverage(thresholds)
    yield _rejections(thresholds)
    yield _broken(thresholds)


def alert_of(metric: str) -> str:
    """The name of the alert for a metric below its threshold, e.g. DataReuseBelowThreshold."""
    return "".join(map(str.capitalize, metric.split("_"))) + "BelowThreshold"


def _below(metric: str, thresholds: Thresholds) -> Iterator[Rule]:
    """Thresholds and minima differ by agency as series; only `for` needs a rule of its own."""
    below = thresholds.below[metric]
    own = {agency: other for agency, other in below.agencies.items() if other.for_ is not None}
    for matcher, override in _variants(own, BelowOverride()):
        yield Rule(
            alert=alert_of(metric),
            expr=_below_expr(metric, matcher, thresholds),
            scope="agency",
            severity="notice",
            for_=override.for_ or below.for_,
            keep_firing_for=below.keep_firing_for,
            summary=f"{METRICS[metric].en} of {AGENCY_NAME} {PERIOD_NAME} is "
            "{{ $value | humanizePercentage }}, below its threshold of " + THRESHOLD_SHOWN,
            look_at="Computed under the definition in the label. Look at denominator and coverage first, "
            "then at the procedures that hold the rate back.",
            dashboard="data-reuse" if metric == "data_reuse" else "agency:rate",
        )


def _below_expr(metric: str, matcher: str, thresholds: Thresholds) -> str:
    named = f'metric="{metric}", definition="{of_metric(metric)[0].name}", counted_for=""'
    limits, below = matching(named, matcher), thresholds.below[metric]
    on = f"on ({', '.join(_HELD)}) group_left ()"
    of_month = "\n".join(
        (
            judged((*_HELD, "period"), metrics.RATE, limits, thresholds),
            f"  < {on}",
            pick("max", _HELD, metrics.THRESHOLD, limits),
            f"and on ({', '.join(_HELD)}, period) (",
            "  " + pick("max", (*_HELD, "period"), metrics.DENOMINATOR, limits),
            f"    >= {on}",
            "  " + pick("max", _HELD, metrics.MINIMUM, limits),
            ")",
        )
    )
    if below.window is None:
        return of_month
    by, series = (*_HELD, "period"), matching(limits, f'period="{below.window}"')
    of_window = "\n".join(
        (
            pick("max", by, metrics.RATE, series),
            f"  < {on}",
            pick("max", _HELD, metrics.THRESHOLD, limits),
            f"and on ({', '.join(by)}) (",
            "  " + pick("max", by, metrics.DENOMINATOR, series) + f" >= {below.window_minimum}",
            ")",
        )
    )
    return f"{of_month}\nor\n{of_window}"


def _jumped(alert: str, sign: str, beyond: str, thresholds: Thresholds) -> Rule:
    """A jump down or up: `sign` of the bounds, and the comparison by which a change is beyond them."""
    dropped = thresholds.dropped
    variants = _variants(dropped.agencies, DropOverride())
    return Rule(
        alert=alert,
        expr="\nor\n".join(_jumped_expr(sign, beyond, matcher, own, dropped) for matcher, own in variants),
        scope="agency",
        severity="notice",
        for_=dropped.for_,
        keep_firing_for=dropped.keep_firing_for,
        summary="{{ $labels.metric }} of " + AGENCY_NAME + " changed by {{ $value | humanizePercentage }} "
        "from one week to the next, far more than it usually does",
        look_at="The last seven complete days against the seven before. The dashboard lists which procedures "
        "moved it; `emc why` splits it by unit, source and catalogue, too. A field that is no longer sent "
        "or is sent now, a new form and a changed catalogue jump; work rarely does.",
        dashboard="agency:rate",
    )


def _jumped_expr(sign: str, beyond: str, matcher: str, own: DropOverride, dropped: Dropped) -> str:
    least = dropped.at_least if own.at_least is None else own.at_least
    minimum = dropped.minimum if own.minimum is None else own.minimum
    series = matching(f'metric=~"{"|".join(dropped.metrics)}"', matcher)
    on = f"on ({', '.join(_HELD)})"
    change = pick("max", _HELD, metrics.WEEKLY_CHANGE, series)
    return (
        f"{change} {beyond} {sign}{least}\n"
        f"and {on} (\n  {change}\n    {beyond} {on}\n  {sign}{dropped.factor:g} * "
        f"{pick('max', _HELD, metrics.WEEKLY_USUAL, series)}\n)\n"
        f"and {on} ({pick('max', _HELD, metrics.WEEKLY_DENOMINATOR, series)} >= {minimum})"
    )


def _silent(thresholds: Thresholds) -> Rule:
    by = ("agency", "source")
    return Rule(
        alert="SourceSilent",
        expr=f"{pick('min', by, metrics.SOURCE_SILENT, of_these(()))}\n  > on (agency, source)\n"
        + pick("max", by, metrics.SOURCE_LIMIT),
        scope="agency",
        severity="notice",
        keep_firing_for=thresholds.silent.keep_firing_for,
        summary="{{ $labels.source }} of " + AGENCY_NAME + " has been silent for "
        "{{ $value | humanizeDuration }} of working time",
        look_at="Nothing of this source was accepted for that long, nights, weekends and holidays left out. "
        "Its rates stand still meanwhile.",
        dashboard="connections",
    )


def _coverage(thresholds: Thresholds) -> Iterator[Rule]:
    coverage = thresholds.coverage
    variants = _variants(coverage.agencies, CoverageOverride())
    yield Rule(
        alert="CoverageLow",
        expr="\nor\n".join(_coverage_expr(matcher, own, thresholds) for matcher, own in variants),
        scope="agency",
        severity="notice",
        for_=coverage.for_,
        keep_firing_for=coverage.keep_firing_for,
        summary="Only {{ $value | humanizePercentage }} of the dossiers that " + AGENCY_NAME + " declared as "
        f"{_COUNTED} {PERIOD_NAME} have arrived",
        look_at="Its rates stand for that part only. Ask which departments are not connected.",
        dashboard="connections",
    )


def _coverage_expr(matcher: str, own: CoverageOverride, thresholds: Thresholds) -> str:
    least = thresholds.coverage.threshold if own.threshold is None else own.threshold
    minimum = thresholds.coverage.minimum if own.minimum is None else own.minimum
    definitions = "|".join(of_metric(metric)[0].name for metric in (_RECEIVED, _RESOLVED))
    series = matching(f'metric=~"{_RECEIVED}|{_RESOLVED}", definition=~"{definitions}"', matcher)
    by = ("metric", "agency", "period")
    return (
        f"{judged(by, metrics.COVERAGE, series, thresholds)} < {least}\n"
        f"and on ({', '.join(by)}) ({pick('max', by, metrics.DECLARED, series)} >= {minimum})"
    )


def _rejections(thresholds: Thresholds) -> Rule:
    limits = thresholds.rejections

    def hourly(outcome: str) -> str:
        return f"sum by (agency) (increase({metrics.AGENCY_EVENTS.name}{{{outcome}, {of_these(())}}}[1h]))"

    rejected, received = hourly('outcome="rejected"'), hourly('outcome=~"accepted|rejected"')
    return Rule(
        alert="RejectionsHigh",
        expr=f"{rejected}\n  / {received} > {limits.share}\nand on (agency) ({rejected} >= {limits.minimum})",
        scope="agency",
        severity="notice",
        for_=limits.for_,
        keep_firing_for=limits.keep_firing_for,
        summary="{{ $value | humanizePercentage }} of the events of "
        + AGENCY_NAME
        + " in the last hour were refused",
        look_at="Refused events count nowhere. `emc rejections list --agency` tells reason, path and the "
        "form expected; after a fix they can be replayed.",
        dashboard="agency",
    )


def _broken(thresholds: Thresholds) -> Rule:
    return Rule(
        alert="SourceBroken",
        expr=f"{pick('max', ('agency',), metrics.SOURCE_BROKEN, of_these(()))} == 1",
        scope="agency",
        severity="notice",
        for_="1m",
        keep_firing_for=thresholds.rejections.keep_firing_for,
        summary="A source of " + AGENCY_NAME + " is broken: most of its events are refused",
        look_at="Other agencies are not affected. Tell the agency at once: its rates no longer stand for "
        "what it does.",
        dashboard="agency",
    )


def _variants(own: Mapping[str, T], default: T) -> Iterator[tuple[str, T]]:
    """The matcher for agencies without values of their own, then each that has some."""
    yield of_these(own), default
    for agency, values in sorted(own.items()):
        yield f'agency="{agency}"', values
