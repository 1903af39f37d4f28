"""Scenarios of the alerts of agencies, all about one agency."""

from collections.abc import Iterator

from dashboards.alerts.agency_rules import alert_of
from dashboards.alerts.scenario import Growing, Scenario
from dashboards.alerts.thresholds import Thresholds, seconds
from dashboards.alerts.wording import duration, percentage
from emc.definitions import METRICS, of_metric
from emc.registry import load_registry
from sinks import metrics
from sinks.metrics import Named

AGENCY = "H44"
NAME = load_registry().agencies[AGENCY].name
WHO = f"{NAME} ({AGENCY})"
INFO = {f'{metrics.AGENCY.name}{{agency="{AGENCY}", name="{NAME}", kind="locality"}}': 1.0}
_SOURCE = f"/agencies/{AGENCY}/one-stop"


def agency_scenarios(thresholds: Thresholds) -> Iterator[Scenario]:
    """At least one for every alert of agencies."""
    for metric in thresholds.below:
        yield _below(metric)
    yield _dropped(thresholds)
    yield _silent(thresholds)
    yield _coverage(thresholds)
    yield _rejections(thresholds)
    yield Scenario(
        "SourceBroken",
        {f'{metrics.SOURCE_BROKEN.name}{{agency="{AGENCY}"}}': (0.0, 1.0)},
        f"A source of {WHO} is broken: most of its events are refused",
        steady=INFO,
        labels={"agency": AGENCY},
        quiet={"not marked": {f'{metrics.SOURCE_BROKEN.name}{{agency="{AGENCY}"}}': 0.0}},
    )


def _of(named: Named, metric: str, period: str = "month", group: str = "", instance: str = "a:8000") -> str:
    """A series of the agency, or of a group."""
    labels = {
        "metric": metric,
        "definition": of_metric(metric)[0].name,
        "agency": "" if group else AGENCY,
        "group": group,
        "period": period,
        "instance": instance,
    }
    shown = (
        f'{name}="{value}"' for name, value in labels.items() if value and name in (*named.labels, "instance")
    )
    return f"{named.name}{{{', '.join(shown)}}}"


def _below(metric: str) -> Scenario:
    """Two exporters tell the same, one alert comes; the group's series, below too, brings none."""
    return Scenario(
        alert_of(metric),
        {
            _of(metrics.RATE, metric): (0.06, 0.04),
            _of(metrics.RATE, metric, instance="b:8000"): (0.06, 0.04),
        },
        f"{METRICS[metric].en} of {WHO} this month is 4%, below its threshold of 5%",
        steady=INFO
        | {
            _of(metrics.RATE, metric, group="localities"): 0.01,
            _of(metrics.DENOMINATOR, metric): 500.0,
            _of(metrics.DENOMINATOR, metric, group="localities"): 900.0,
            _of(metrics.THRESHOLD, metric): 0.05,
            _of(metrics.THRESHOLD, metric, group="localities"): 0.05,
            _of(metrics.MINIMUM, metric): 200.0,
            _of(metrics.MINIMUM, metric, group="localities"): 200.0,
        },
        labels={
            "agency": AGENCY,
            "metric": metric,
            "definition": of_metric(metric)[0].name,
            "period": "month",
        },
        quiet={
            "low volume": {_of(metrics.DENOMINATOR, metric): 199.0},
            "at its threshold": {
                _of(metrics.RATE, metric): 0.05,
                _of(metrics.RATE, metric, instance="b:8000"): 0.05,
            },
        },
    )


def _dropped(thresholds: Thresholds) -> Scenario:
    dropped = thresholds.dropped
    metric = dropped.metrics[0]
    change, usual = _of(metrics.WEEKLY_CHANGE, metric), _of(metrics.WEEKLY_USUAL, metric)
    volume = _of(metrics.WEEKLY_DENOMINATOR, metric)
    much = round(dropped.at_least + 0.05, 6)
    return Scenario(
        "RateDropped",
        {change: (0.0, -much)},
        f"{metric} of {WHO} changed by {percentage(-much)} from one week to the next, "
        "far more than it usually does",
        steady=INFO | {usual: 0.0, volume: float(dropped.minimum)},
        labels={"agency": AGENCY, "metric": metric, "definition": of_metric(metric)[0].name},
        quiet={
            "low volume": {volume: dropped.minimum - 1.0},
            "usual for this agency": {usual: much / dropped.factor},
            "less than the least that counts": {change: -dropped.at_least / 2},
            "a rise": {change: much},
        },
    )


def _silent(thresholds: Thresholds) -> Scenario:
    labels = f'agency="{AGENCY}", source="{_SOURCE}"'
    after = seconds(thresholds.silent.after)
    limit = f"{metrics.SOURCE_LIMIT.name}{{{labels}}}"
    return Scenario(
        "SourceSilent",
        {f"{metrics.SOURCE_SILENT.name}{{{labels}}}": (0.0, after + 1)},
        f"{_SOURCE} of {WHO} has been silent for {duration(after + 1)} of working time",
        steady=INFO | {limit: after},
        labels={"agency": AGENCY, "source": _SOURCE},
        quiet={"a source with more patience": {limit: after * 2}},
    )


def _coverage(thresholds: Thresholds) -> Scenario:
    coverage, metric = thresholds.coverage, "online_submission"
    low = round(coverage.threshold / 2, 6)
    return Scenario(
        "CoverageLow",
        {_of(metrics.COVERAGE, metric): (1.0, low)},
        f"Only {percentage(low)} of the dossiers that {WHO} declared as received this month have arrived",
        steady=INFO | {_of(metrics.DECLARED, metric): float(coverage.minimum)},
        labels={"agency": AGENCY, "period": "month", "metric": metric},
        quiet={"low volume": {_of(metrics.DECLARED, metric): coverage.minimum - 1.0}},
    )


def _rejections(thresholds: Thresholds) -> Scenario:
    def series(outcome: str) -> str:
        return f'{metrics.AGENCY_EVENTS.name}{{agency="{AGENCY}", outcome="{outcome}"}}'

    few = (thresholds.rejections.minimum - 2) / 60
    return Scenario(
        "RejectionsHigh",
        {series("rejected"): (Growing(0), Growing(100))},
        f"50% of the events of {WHO} in the last hour were refused",
        steady=INFO | {series("accepted"): Growing(100)},
        labels={"agency": AGENCY},
        quiet={
            "low volume": {series("rejected"): Growing(few), series("accepted"): Growing(0)},
            "a small share": {series("accepted"): Growing(100 / thresholds.rejections.share)},
        },
        rise=61,
        fall=61,
    )
