"""Scenarios of the alerts of the monitor itself."""

from collections.abc import Iterator

from dashboards.alerts.form import PipelineLimits, Thresholds
from dashboards.alerts.scenario import GONE, Growing, Scenario
from dashboards.alerts.thresholds import seconds
from dashboards.alerts.wording import duration, humanize, percentage
from sinks.prometheus import metrics

_LAG, _BATCHES = metrics.LAG.name, metrics.BATCHES.name
_UP, _RATE = metrics.EXPORTER_UP.name, metrics.RATE.name
_KAFKA = f'{metrics.WAITING.name}{{component="kafka"}}'
_CLICKHOUSE = f'{metrics.WAITING.name}{{component="clickhouse"}}'


def pipeline_scenarios(thresholds: Thresholds) -> Iterator[Scenario]:
    """At least one for every alert of the monitor itself; the watchdog has a test of its own."""
    limits = thresholds.pipeline
    yield from _behind(limits)
    yield from _unavailable()
    yield from _nothing_comes(seconds(thresholds.silent.all_after))
    yield from _not_scraped()
    yield from _storage(limits)
    yield from _truth(limits)
    yield _calendar(limits)


def _behind(limits: PipelineLimits) -> Iterator[Scenario]:
    much = limits.lag + 1.0
    yield Scenario(
        "PipelineLag",
        {_LAG: (0.0, much)},
        f"{humanize(much)} messages wait to be counted",
        quiet={"a small backlog": {_LAG: float(limits.lag)}},
    )
    yield Scenario(
        "PipelineStuck",
        {_LAG: (0.0, 5.0)},
        "5 messages wait and no batch was made durable for ten minutes",
        steady={_BATCHES: 7.0},
        quiet={"batches go on": {_BATCHES: Growing(1)}},
    )


def _unavailable() -> Iterator[Scenario]:
    other = f'{metrics.WAITING.name}{{component="other"}}'
    yield Scenario(
        "BrokerUnavailable",
        {_KAFKA: (0.0, 1.0)},
        "Kafka does not answer the workers",
        steady={_LAG: 0.0, _BATCHES: Growing(1)},
        quiet={"another is waited for": {_KAFKA: 0.0, other: 1.0, _CLICKHOUSE: 1.0}},
    )
    yield Scenario(
        "BrokerUnavailable",
        {_LAG: (0.0, GONE)},
        "Kafka does not answer the workers",
        steady={_BATCHES: Growing(1)},
        quiet={"no worker at all": {_BATCHES: GONE}},
        needs_data=False,
    )
    yield Scenario(
        "ClickHouseUnavailable",
        {_UP: (1.0, 0.0)},
        "ClickHouse does not answer",
        quiet={"another is waited for": {_UP: 1.0, _KAFKA: 1.0}},
    )
    yield Scenario(
        "ClickHouseUnavailable",
        {_CLICKHOUSE: (0.0, 1.0)},
        "ClickHouse does not answer",
        steady={_UP: 1.0},
    )


def _nothing_comes(all_silent: float) -> Iterator[Scenario]:
    yield Scenario(
        "MonitorDown",
        {_UP: (1.0, GONE)},
        "No exporter is scraped: there are no rates at all",
        quiet={"ClickHouse alone is away": {_UP: 0.0}},
        needs_data=False,
    )
    yield Scenario(
        "NoRates",
        {f'{_RATE}{{period="month"}}': (0.5, GONE)},
        "ClickHouse answers, but holds no current rate",
        steady={_UP: 1.0},
        quiet={
            "ClickHouse is away": {_UP: 0.0},
            "last month's are there": {f'{_RATE}{{period="previous_month"}}': 0.5},
        },
        needs_data=False,
    )
    silent = metrics.SOURCE_SILENT.name
    yield Scenario(
        "NoEvents",
        {f'{silent}{{source="/agencies/H44"}}': (0.0, all_silent + 1)},
        f"No source at all was heard for {duration(all_silent + 1)} of working time",
        steady={f'{silent}{{source="/agencies/H26"}}': all_silent * 9},
        quiet={
            "one of them is heard": {f'{silent}{{source="/agencies/H26"}}': 0.0},
            "no data": dict.fromkeys(
                (f'{silent}{{source="/agencies/H26"}}', f'{silent}{{source="/agencies/H44"}}'), GONE
            ),
        },
        needs_data=False,
    )


def _not_scraped() -> Iterator[Scenario]:
    yield Scenario(
        "WorkerDown",
        {_BATCHES: (5.0, GONE)},
        "No worker is scraped",
        quiet={"nothing to do": {_BATCHES: 5.0}},
        needs_data=False,
    )
    yield Scenario(
        "TargetDown",
        {'up{job="emc-worker", instance="w:8001"}': (1.0, 0.0)},
        "w:8001 (emc-worker) cannot be scraped",
        labels={"job": "emc-worker", "instance": "w:8001"},
        quiet={
            "not ours": {'up{job="emc-worker", instance="w:8001"}': 1.0, 'up{job="other", instance="x"}': 0.0}
        },
    )


def _storage(limits: PipelineLimits) -> Iterator[Scenario]:
    many = limits.parts + 1.0
    yield Scenario(
        "ClickHouseParts",
        {metrics.PARTS.name: (10.0, many)},
        f"One partition has {humanize(many)} parts; inserts are slowed down at 1000",
        quiet={"not that many": {metrics.PARTS.name: float(limits.parts)}},
    )
    free, size = (f'{named.name}{{disk="default"}}' for named in (metrics.DISK_FREE, metrics.DISK_SIZE))
    for alert, share, words in (
        ("DiskFilling", limits.disk_filling, ""),
        ("DiskFull", limits.disk_full, "Only "),
    ):
        low = round(share / 2, 6)
        yield Scenario(
            alert,
            {free: (1000.0, low * 1000)},
            f"{words}{percentage(low)} of disk default are free",
            steady={size: 1000.0},
            labels={"disk": "default"},
            quiet={"enough is free": {free: share * 1000}},
        )
    resident, limit = (f'{named.name}{{instance="a"}}' for named in (metrics.RESIDENT, metrics.MEMORY_LIMIT))
    much = round((1 + limits.memory) / 2, 6)
    yield Scenario(
        "WorkerMemory",
        {resident: (100.0, much * 1000)},
        f"The worker a takes {percentage(much)} of its memory",
        steady={limit: 1000.0},
        labels={"instance": "a"},
        quiet={"the limit is far": {resident: limits.memory * 1000}},
    )


def _truth(limits: PipelineLimits) -> Iterator[Scenario]:
    yield Scenario(
        "AuditDifferences",
        {metrics.AUDIT_DIFFERENCES.name: (0.0, 3.0)},
        "The audit found 3 rows that differ from their second computation",
        quiet={"only unsettled": {metrics.AUDIT_DIFFERENCES.name: 0.0, metrics.AUDIT_UNSETTLED.name: 5.0}},
    )
    overdue = f"A worker has ended no audit for more than {limits.audit_overdue}"
    long_ago = -seconds(limits.audit_overdue)
    yield Scenario(
        "AuditOverdue",
        {f'{metrics.AUDIT_TIME.name}{{instance="a"}}': (1e9, long_ago - 60)},
        overdue,
        steady={f'{metrics.AUDIT_TIME.name}{{instance="b"}}': 1e9},
        quiet={"just ended": {f'{metrics.AUDIT_TIME.name}{{instance="a"}}': 1e9}},
    )
    started = 'process_start_time_seconds{job="emc-worker"}'
    yield Scenario(
        "AuditOverdue",
        {started: (1e9, long_ago - 60)},
        overdue,
        quiet={"one has ended": {metrics.AUDIT_TIME.name: 0.0}, "just started": {started: 0.0}},
    )
    unknown = f'{metrics.AGENCY_EVENTS.name}{{outcome="rejected", agency=""}}'
    yield Scenario(
        "RejectionsUnattributed",
        {unknown: (Growing(0), Growing(10))},
        "600 events of unknown senders were refused in the last hour",
        quiet={"a few": {unknown: Growing(0.5)}},
        rise=61,
        fall=61,
    )


def _calendar(limits: PipelineLimits) -> Scenario:
    until = metrics.CALENDAR_UNTIL.name
    checked = 10 + 60 + 1  # the minute in which it must fire: ten calm ones, `for`, one more
    ends = 86400.0
    return Scenario(
        "CalendarEnds",
        {until: (1e9, ends)},
        f"The public holidays of thresholds.toml are certain for only {duration(ends - checked * 60)}",
        quiet={"known for long": {until: (limits.calendar_ends + 10) * 86400.0}},
    )
