"""Alerts of the monitor itself: what keeps rates from being up to date, or from being right."""

from collections.abc import Iterator

from dashboards.alerts.form import PipelineLimits, Thresholds
from dashboards.alerts.rule import Rule, Severity, pick
from dashboards.alerts.thresholds import seconds
from sinks.prometheus import metrics

JOBS = "emc-.*"
STARTED = f'process_start_time_seconds{{job=~"{JOBS}"}}'


def pipeline_rules(thresholds: Thresholds) -> Iterator[Rule]:
    """Every rule about the monitor itself, the watchdog last."""
    limits = thresholds.pipeline
    yield from _behind(limits)
    yield from _unavailable(limits)
    yield from _absent(limits, seconds(thresholds.silent.all_after))
    yield from _storage(limits)
    yield from _truth(limits)
    yield from _upkeep(limits)


def _behind(limits: PipelineLimits) -> Iterator[Rule]:
    lag = pick("max", (), metrics.LAG)
    yield _blinding(
        limits, "PipelineLag", f"{lag} > {limits.lag}", limits.lag_for,
        "{{ $value | humanize }} messages wait to be counted",
        "Rates are behind by that much. Are there enough workers, is one waiting, which step takes the time?",
    )  # fmt: skip
    yield _blinding(
        limits, "PipelineStuck",
        f"{lag} > 0\nunless on () (sum(increase({metrics.BATCHES.name}[10m])) > 0)", limits.stuck_for,
        "{{ $value | humanize }} messages wait and no batch was made durable for ten minutes",
        "Read what the workers say they wait for: health answer, log, metric emc_worker_waiting.",
    )  # fmt: skip


def _unavailable(limits: PipelineLimits) -> Iterator[Rule]:
    kafka = pick("max", (), metrics.WAITING, 'component="kafka"')
    clickhouse = pick("max", (), metrics.WAITING, 'component="clickhouse"')
    unknown = f"absent({metrics.LAG.name}) and on () (count({metrics.BATCHES.name}) > 0)"
    yield _blinding(
        limits, "BrokerUnavailable", f"{kafka} == 1\nor {unknown}", limits.unavailable_for,
        "Kafka does not answer the workers",
        "Nothing is lost: producers hold or fail, workers wait and go on by themselves.",
    )  # fmt: skip
    yield _blinding(
        limits, "ClickHouseUnavailable",
        f"min({metrics.EXPORTER_UP.name}) == 0\nor {clickhouse} == 1", limits.unavailable_for,
        "ClickHouse does not answer",
        "Nothing is lost: workers wait, Kafka keeps the events. Rates are not shown meanwhile.",
    )  # fmt: skip


def _absent(limits: PipelineLimits, all_silent: float) -> Iterator[Rule]:
    yield _blinding(
        limits, "MonitorDown", f"absent({metrics.EXPORTER_UP.name})", limits.missing_for,
        "No exporter is scraped: there are no rates at all",
        "Is `emc api` running, and does Prometheus reach it?",
    )  # fmt: skip
    yield _blinding(
        limits, "NoRates",
        f"absent({metrics.RATE.name}) and on () (max({metrics.EXPORTER_UP.name}) == 1)", limits.no_rates_for,
        "ClickHouse answers, but holds no current rate",
        "Neither this year nor last month has data: an empty or a wrong database, or a wrong clock?",
    )  # fmt: skip
    yield _blinding(
        limits, "NoEvents", f"min({metrics.SOURCE_SILENT.name}) > {all_silent:g}", limits.unavailable_for,
        "No source at all was heard for {{ $value | humanizeDuration }} of working time",
        "All at once: rather the way to Kafka than all agencies. Look at gateway, network, credentials.",
    )  # fmt: skip
    yield _blinding(
        limits, "WorkerDown", f"absent({metrics.BATCHES.name})", limits.missing_for,
        "No worker is scraped",
        "Is `emc worker` running, and does Prometheus reach it? Events wait in Kafka meanwhile.",
    )  # fmt: skip
    yield _plain(
        limits, "TargetDown", "ticket", f'up{{job=~"{JOBS}"}} == 0', limits.missing_for,
        "{{ $labels.instance }} ({{ $labels.job }}) cannot be scraped",
        "One of several; the others go on. MonitorDown or WorkerDown follow when it was the last.",
    )  # fmt: skip


def _storage(limits: PipelineLimits) -> Iterator[Rule]:
    parts = pick("max", (), metrics.PARTS)
    free = (
        f"{pick('max', ('disk',), metrics.DISK_FREE)} / on (disk) {pick('max', ('disk',), metrics.DISK_SIZE)}"
    )
    yield _plain(
        limits, "ClickHouseParts", "ticket", f"{parts} > {limits.parts}", limits.lag_for,
        "One partition has {{ $value | humanize }} parts; inserts are slowed down at 1000",
        "Are merges running (emc_clickhouse_merges), and are batches large enough?",
    )  # fmt: skip
    yield _plain(
        limits, "DiskFilling", "ticket", f"{free} < {limits.disk_filling}", limits.lag_for,
        "{{ $value | humanizePercentage }} of disk {{ $labels.disk }} are free",
        "Give it room, or shorten the retention of events, before inserts fail.",
    )  # fmt: skip
    yield _plain(
        limits, "DiskFull", "page", f"{free} < {limits.disk_full}", limits.unavailable_for,
        "Only {{ $value | humanizePercentage }} of disk {{ $labels.disk }} are free",
        "Inserts are about to fail; the workers will then wait and lose nothing.",
    )  # fmt: skip
    taken = f"max by (instance) ({metrics.RESIDENT.name} / {metrics.MEMORY_LIMIT.name})"
    yield _plain(
        limits, "WorkerMemory", "ticket", f"{taken} > {limits.memory}", limits.lag_for,
        "The worker {{ $labels.instance }} takes {{ $value | humanizePercentage }} of its memory",
        "Soon the kernel ends it, and again. Give it more, or fewer partitions by more workers.",
    )  # fmt: skip


def _truth(limits: PipelineLimits) -> Iterator[Rule]:
    yield _plain(
        limits, "AuditDifferences", "ticket", f"{pick('sum', (), metrics.AUDIT_DIFFERENCES)} > 0", None,
        "The audit found {{ $value | humanize }} rows that differ from their second computation",
        "Published numbers may be wrong. `emc audit --json` lists the rows; keep them before mending.",
    )  # fmt: skip
    overdue = seconds(limits.audit_overdue)
    old = f"time() - {pick('min', (), metrics.AUDIT_TIME)} > {overdue:g}"
    never = f"absent({metrics.AUDIT_TIME.name}) and on () (time() - min({STARTED}) > {overdue:g})"
    yield _plain(
        limits, "AuditOverdue", "ticket", f"{old}\nor {never}", "5m",
        f"A worker has ended no audit for more than {limits.audit_overdue}",
        "Nobody has checked the numbers of its agencies. Run `emc audit`; read the worker's log.",
    )  # fmt: skip
    refused = f'sum(increase({metrics.AGENCY_EVENTS.name}{{outcome="rejected", agency=""}}[1h]))'
    yield _plain(
        limits, "RejectionsUnattributed", "ticket", f"{refused} > 50", "5m",
        "{{ $value | humanize }} events of unknown senders were refused in the last hour",
        "Neither source nor key names an agency of the registry: a stranger, or an old registry.",
    )  # fmt: skip


def _upkeep(limits: PipelineLimits) -> Iterator[Rule]:
    yield _plain(
        limits, "CalendarEnds", "ticket",
        f"min({metrics.CALENDAR_UNTIL.name}) - time() < {limits.calendar_ends * 86400}", "1h",
        "The public holidays of thresholds.toml are certain for only {{ $value | humanizeDuration }}",
        "Confirm or add those that follow: a holiday that is missing counts as working time.",
    )  # fmt: skip
    yield Rule(
        "Watchdog", "vector(1)", "watchdog", "none", "Prometheus and Alertmanager are alive",
        "Fires always. Whoever receives it raises the alarm when it stops.", "pipeline",
    )  # fmt: skip


def _blinding(limits: PipelineLimits, alert: str, expr: str, for_: str, summary: str, look_at: str) -> Rule:
    """A page; while it fires the rates are not to be trusted, so alerts of agencies are held back."""
    return Rule(
        alert, expr, "pipeline", "page", summary, look_at, "pipeline",
        for_, limits.keep_firing_for, hides_agencies=True,
    )  # fmt: skip


def _plain(
    limits: PipelineLimits,
    alert: str,
    severity: Severity,
    expr: str,
    for_: str | None,
    summary: str,
    look_at: str,
) -> Rule:
    """A page or a ticket that leaves alerts of agencies alone."""
    return Rule(alert, expr, "pipeline", severity, summary, look_at, "pipeline", for_, limits.keep_firing_for)
