"""Scenarios of the alerts of agencies, all about one agency."""

from collections.abc import Iterator

from dashboards.alerts.agency_rules import alert_of
from dashboards.alerts.form import Thresholds
from dashboards.alerts.scenario import Growing, Scenario
from dashboards.alerts.thresholds import seconds
from dashboards.alerts.wording import duration, percentage
from emc.definitions import METRICS, of_metric
from emc.registry import load_registry
from sinks.prometheus import metrics
from sinks.prometheus.metrics import Named

_USUAL = "H44"


class Subject:
    """The agency that the scenarios of some thresholds are about: one without values of its own."""

    def __init__(self, thresholds: Thresholds) -> None:
        special = {*thresholds.dropped.agencies, *thresholds.coverage.agencies, *thresholds.silent.agencies}
        special |= {code for below in thresholds.below.values() for code in below.agencies}
        agencies = load_registry().agencies
        self.code = next(code for code in (_USUAL, *agencies) if code not in special and code[0] == "H")
        self.name = agencies[self.code].name
        self.who = f"{self.name} ({self.code})"
        self.info = {
            f'{metrics.AGENCY.name}{{agency="{self.code}", name="{self.name}", kind="locality"}}': 1.0
        }
        self.source = f"/agencies/{self.code}/one-stop"

    def of(
        self, named: Named, metric: str, period: str = "month", group: str = "", instance: str = "a:8000"
    ) -> str:
        """A series of the agency, or of a group."""
        labels = {
            "metric": metric,
            "definition": of_metric(metric)[0].name,
            "agency": "" if group else self.code,
            "group": group,
            "period": period,
            "instance": instance,
        }
        shown = (
            f'{name}="{value}"'
            for name, value in labels.items()
            if value and name in (*named.labels, "instance")
        )
        return f"{named.name}{{{', '.join(shown)}}}"


def agency_scenarios(thresholds: Thresholds) -> Iterator[Scenario]:
    """At least one for every alert of agencies."""
    subject = Subject(thresholds)
    for metric in thresholds.below:
        yield _below(metric, subject)
    yield _jumped("RateDropped", -1, thresholds, subject)
    yield _jumped("RateRose", 1, thresholds, subject)
    yield _silent(thresholds, subject)
    yield _coverage(thresholds, subject)
    yield _rejections(thresholds, subject)
    yield Scenario(
        "SourceBroken",
        {f'{metrics.SOURCE_BROKEN.name}{{agency="{subject.code}"}}': (0.0, 1.0)},
        f"A source of {subject.who} is broken: most of its events are refused",
        steady=subject.info,
        labels={"agency": subject.code},
        quiet={"not marked": {f'{metrics.SOURCE_BROKEN.name}{{agency="{subject.code}"}}': 0.0}},
    )


def _below(metric: str, subject: Subject) -> Scenario:
    """Two exporters tell the same, one alert comes; the group's series, below too, brings none."""
    return Scenario(
        alert_of(metric),
        {
            subject.of(metrics.RATE, metric): (0.06, 0.04),
            subject.of(metrics.RATE, metric, instance="b:8000"): (0.06, 0.04),
        },
        f"{METRICS[metric].en} of {subject.who} this month is 4%, below its threshold of 5%",
        steady=subject.info
        | {
            subject.of(metrics.RATE, metric, group="localities"): 0.01,
            subject.of(metrics.DENOMINATOR, metric): 500.0,
            subject.of(metrics.DENOMINATOR, metric, group="localities"): 900.0,
            subject.of(metrics.THRESHOLD, metric): 0.05,
            subject.of(metrics.THRESHOLD, metric, group="localities"): 0.05,
            subject.of(metrics.MINIMUM, metric): 200.0,
            subject.of(metrics.MINIMUM, metric, group="localities"): 200.0,
        },
        labels={
            "agency": subject.code,
            "metric": metric,
            "definition": of_metric(metric)[0].name,
            "period": "month",
        },
        quiet={
            "low volume": {subject.of(metrics.DENOMINATOR, metric): 199.0},
            "at its threshold": {
                subject.of(metrics.RATE, metric): 0.05,
                subject.of(metrics.RATE, metric, instance="b:8000"): 0.05,
            },
        },
    )


def _jumped(alert: str, way: int, thresholds: Thresholds, subject: Subject) -> Scenario:
    """A jump up (`way` 1) or down (-1)."""
    dropped = thresholds.dropped
    metric = dropped.metrics[0]
    change, usual = subject.of(metrics.WEEKLY_CHANGE, metric), subject.of(metrics.WEEKLY_USUAL, metric)
    volume = subject.of(metrics.WEEKLY_DENOMINATOR, metric)
    much = round(dropped.at_least + 0.05, 6)
    return Scenario(
        alert,
        {change: (0.0, way * much)},
        f"{metric} of {subject.who} changed by {percentage(way * much)} from one week to the next, "
        "far more than it usually does",
        steady=subject.info | {usual: 0.0, volume: float(dropped.minimum)},
        labels={"agency": subject.code, "metric": metric, "definition": of_metric(metric)[0].name},
        quiet={
            "low volume": {volume: dropped.minimum - 1.0},
            "usual for this agency": {usual: much / dropped.factor},
            "less than the least that counts": {change: way * dropped.at_least / 2},
            "the other way": {change: -way * much},
        },
    )


def _silent(thresholds: Thresholds, subject: Subject) -> Scenario:
    labels = f'agency="{subject.code}", source="{subject.source}"'
    after = seconds(thresholds.silent.after)
    limit = f"{metrics.SOURCE_LIMIT.name}{{{labels}}}"
    return Scenario(
        "SourceSilent",
        {f"{metrics.SOURCE_SILENT.name}{{{labels}}}": (0.0, after + 1)},
        f"{subject.source} of {subject.who} has been silent for {duration(after + 1)} of working time",
        steady=subject.info | {limit: after},
        labels={"agency": subject.code, "source": subject.source},
        quiet={"a source with more patience": {limit: after * 2}},
    )


def _coverage(thresholds: Thresholds, subject: Subject) -> Scenario:
    coverage, metric = thresholds.coverage, "online_submission"
    low = round(coverage.threshold / 2, 6)
    return Scenario(
        "CoverageLow",
        {subject.of(metrics.COVERAGE, metric): (1.0, low)},
        f"Only {percentage(low)} of the dossiers that {subject.who} declared as received this month "
        "have arrived",
        steady=subject.info | {subject.of(metrics.DECLARED, metric): float(coverage.minimum)},
        labels={"agency": subject.code, "period": "month", "metric": metric},
        quiet={"low volume": {subject.of(metrics.DECLARED, metric): coverage.minimum - 1.0}},
    )


def _rejections(thresholds: Thresholds, subject: Subject) -> Scenario:
    def series(outcome: str) -> str:
        return f'{metrics.AGENCY_EVENTS.name}{{agency="{subject.code}", outcome="{outcome}"}}'

    few = (thresholds.rejections.minimum - 2) / 60
    return Scenario(
        "RejectionsHigh",
        {series("rejected"): (Growing(0), Growing(100))},
        f"50% of the events of {subject.who} in the last hour were refused",
        steady=subject.info | {series("accepted"): Growing(100)},
        labels={"agency": subject.code},
        quiet={
            "low volume": {series("rejected"): Growing(few), series("accepted"): Growing(0)},
            "a small share": {series("accepted"): Growing(100 / thresholds.rejections.share)},
        },
        rise=61,
        fall=61,
    )
