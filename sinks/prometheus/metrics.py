"""Every metric that the monitor exposes to Prometheus: its name, labels, meaning, and what to do about it.

This file is the only place where a metric is named; the collectors take their families from here and
`docs/metrics.md` is written from it. A series of an agency has `group=""`, one of a group has `agency=""`, so
that sums over either count nothing twice. `counted_for` is empty for rates by the agency in the dossier
codes, and `settled` for those by who settles, which are there only where that makes a difference. What has no
value has no series: no data is never 0.
"""

from typing import Literal, NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

Family = CounterMetricFamily | GaugeMetricFamily
_RATE = ("metric", "definition", "agency", "group", "period", "counted_for")
_JUDGED = ("metric", "definition", "agency", "group")
_SOURCE = ("agency", "source")


class Named(NamedTuple):
    """One metric. `tells` says what its value is, `do` what to do when it looks wrong."""

    name: str
    kind: Literal["gauge", "counter"]
    labels: tuple[str, ...]
    exposed_by: Literal["exporter", "worker"]
    tells: str
    do: str

    def family(self) -> Family:
        """A family without samples, to add the samples of one scrape to."""
        kind = GaugeMetricFamily if self.kind == "gauge" else CounterMetricFamily
        return kind(self.name.removesuffix("_total"), self.tells, labels=self.labels)

    def value(self, value: float) -> Family:
        """A family of one sample without labels."""
        family = self.family()
        family.add_metric((), value)
        return family


EXPORTER_UP = Named(
    "emc_exporter_up", "gauge", (), "exporter",
    "1: ClickHouse answered this scrape in time; 0: it did not, and the metrics read from it are absent.",
    "See alert ClickHouseUnavailable.",
)  # fmt: skip
EXPORTER_SECONDS = Named(
    "emc_exporter_read_seconds", "gauge", (), "exporter",
    "Seconds that the last successful reading of ClickHouse took.",
    "Above 2 s: look at parts, merges and memory of ClickHouse before scrapes time out.",
)  # fmt: skip
RATE = Named(
    "emc_rate", "gauge", _RATE, "exporter",
    "The rate as it is now, 0 to 1: numerator over denominator. `period` is the current day, month, quarter "
    "or year in Asia/Ho_Chi_Minh, previous_month, or last7 or last28: the days that ended yesterday. Absent "
    "without a denominator.",
    "Read it beside its denominator and coverage; `emc dossiers --missing` lists what is missing.",
)  # fmt: skip
NUMERATOR = Named(
    "emc_rate_numerator", "gauge", _RATE, "exporter",
    "Dossiers (supply: procedures) in the numerator. A gauge: corrections lower it.",
    "Sum numerators and denominators, never rates.",
)  # fmt: skip
DENOMINATOR = Named(
    "emc_rate_denominator", "gauge", _RATE, "exporter",
    "Dossiers (supply: procedures) in the denominator. A gauge: corrections lower it.",
    "A rate over few dossiers says little; alerts have a minimum.",
)  # fmt: skip
COVERAGE = Named(
    "emc_coverage_ratio", "gauge", _RATE, "exporter",
    "Dossiers counted here on the days with a declaration, over those declared for these days. May exceed 1. "
    "Absent when nothing or 0 is declared, and for supply.",
    "Below 1 the agency handles dossiers that it does not send; see alert CoverageLow.",
)  # fmt: skip
DECLARED = Named(
    "emc_coverage_declared_dossiers", "gauge", _RATE, "exporter",
    "Dossiers that the agency declared for the days of the period: the denominator of the coverage.",
    "Falls to nothing when an agency stops declaring: ask it to go on.",
)  # fmt: skip
THRESHOLD = Named(
    "emc_rate_threshold", "gauge", _JUDGED, "exporter",
    "The rate under which an alert is given, from thresholds.toml: the agency's own or its group's default.",
    "Change it in thresholds.toml, with a reason.",
)  # fmt: skip
MINIMUM = Named(
    "emc_rate_minimum_denominator", "gauge", _JUDGED, "exporter",
    "The smallest denominator at which the rate is judged, from thresholds.toml.",
    "Raise it for an agency whose small numbers make its rate jump.",
)  # fmt: skip
WEEKLY_CHANGE = Named(
    "emc_rate_weekly_change", "gauge", _JUDGED, "exporter",
    "Rate of the last seven complete days minus that of the seven days before.",
    "See alert RateDropped.",
)  # fmt: skip
WEEKLY_USUAL = Named(
    "emc_rate_weekly_change_usual", "gauge", _JUDGED, "exporter",
    "Median size of that change over the eight weeks before. Absent with fewer than four changes to compare.",
    "Tells how much of a change is everyday life.",
)  # fmt: skip
WEEKLY_DENOMINATOR = Named(
    "emc_rate_weekly_denominator", "gauge", _JUDGED, "exporter",
    "The smaller denominator of the two weeks compared.",
    "A change over few dossiers says little; the alert has a minimum.",
)  # fmt: skip
SOURCE_SEEN = Named(
    "emc_source_last_event_timestamp_seconds", "gauge", _SOURCE, "exporter",
    "When the last accepted event of the source arrived at Kafka, heartbeats included (seconds since 1970).",
    "A source that reports rarely should send heartbeats.",
)  # fmt: skip
SOURCE_SILENT = Named(
    "emc_source_silent_working_seconds", "gauge", _SOURCE, "exporter",
    "Working time that has passed since then: nights, weekends, holidays and planned silences left out. "
    "Absent for agencies that are closed.",
    "See alert SourceSilent.",
)  # fmt: skip
SOURCE_LIMIT = Named(
    "emc_source_silence_limit_seconds", "gauge", _SOURCE, "exporter",
    "Working time after which the source counts as silent, from thresholds.toml.",
    "Lengthen it for an agency with few dossiers and no heartbeat.",
)  # fmt: skip
SOURCES_HIDDEN = Named(
    "emc_sources_hidden", "gauge", (), "exporter",
    "Sources without series, because their agency has more than twenty; the most recently seen are shown.",
    "Above 0: an agency makes up system names; ask it to use one per system.",
)  # fmt: skip
REJECTIONS = Named(
    "emc_rejections_total", "counter", ("agency", "reason"), "exporter",
    'Refused events in the rejections table, by agency ("": could not be told) and reason of the contract.',
    "`emc rejections list --agency A` shows path and expected form; see alert RejectionsHigh.",
)  # fmt: skip
AGENCY = Named(
    "emc_agency_info", "gauge", ("agency", "name", "kind"), "exporter",
    "1 for every agency of the registry, with its name and kind.",
    "Join it to show names; nothing to do.",
)  # fmt: skip
PARTS = Named(
    "emc_clickhouse_parts", "gauge", (), "exporter",
    "Active parts of the partition that has most of them; ClickHouse slows inserts down at 1 000.",
    "See alert ClickHouseParts.",
)  # fmt: skip
MERGES = Named(
    "emc_clickhouse_merges", "gauge", (), "exporter",
    "Merges and mutations under way.",
    "0 beside many parts: merges are stopped or out of disk.",
)  # fmt: skip
DISK_FREE = Named(
    "emc_disk_free_bytes", "gauge", ("disk",), "exporter",
    "Bytes that ClickHouse may still write to the disk.",
    "See alerts DiskFilling and DiskFull.",
)  # fmt: skip
DISK_SIZE = Named(
    "emc_disk_size_bytes", "gauge", ("disk",), "exporter",
    "Size of ClickHouse's disk.",
    "Compare with emc_disk_free_bytes.",
)  # fmt: skip
CALENDAR_UNTIL = Named(
    "emc_calendar_until_timestamp_seconds", "gauge", (), "exporter",
    "Up to when the public holidays of thresholds.toml are certain (seconds since 1970): the first one to be "
    "confirmed, else the end of the last one.",
    "See alert CalendarEnds.",
)  # fmt: skip

EVENTS = Named(
    "emc_worker_events_total", "counter", ("outcome",), "worker",
    "Events by what became of them: accepted, rejected, forwarded to their partition, erased before.",
    "Forwarded grows: a producer does not use Kafka's own partitioner.",
)  # fmt: skip
AGENCY_EVENTS = Named(
    "emc_worker_agency_events_total", "counter", ("agency", "outcome"), "worker",
    'Events accepted and rejected, by agency ("": could not be told).',
    "See alert RejectionsHigh.",
)  # fmt: skip
BATCHES = Named(
    "emc_worker_batches_total", "counter", (), "worker",
    "Batches made durable.",
    "Stands still while there is lag: see alert PipelineStuck.",
)  # fmt: skip
STEP_SECONDS = Named(
    "emc_worker_step_seconds_total", "counter", ("step",), "worker",
    "Time spent on batches, by step: judge, send, fold, insert, store.",
    "The step that grows is the one to look at; insert: ClickHouse, send: Kafka.",
)  # fmt: skip
PARTITIONS = Named(
    "emc_worker_partitions", "gauge", (), "worker",
    "Partitions assigned to the worker.",
    "0 for long: there are more workers than partitions, or it has not joined its group.",
)  # fmt: skip
WAITING = Named(
    "emc_worker_waiting", "gauge", ("component",), "worker",
    "1: the worker waits for this component (kafka, clickhouse, local_store, other), then goes on.",
    "See alerts BrokerUnavailable and ClickHouseUnavailable.",
)  # fmt: skip
LAST_BATCH = Named(
    "emc_worker_last_batch_timestamp_seconds", "gauge", (), "worker",
    "When the last batch became durable (seconds since 1970). Absent before the first.",
    "Old without lag: nothing arrives. Old with lag: see alert PipelineStuck.",
)  # fmt: skip
LAG = Named(
    "emc_lag_messages", "gauge", (), "worker",
    "Messages of the topic that are not in the rates yet. Absent while Kafka does not say.",
    "See alert PipelineLag. Every worker tells the same number: take the maximum, not the sum.",
)  # fmt: skip
OPEN_TRANSACTION = Named(
    "emc_open_transaction_seconds", "gauge", (), "worker",
    "How long the oldest open transaction of a sender has been seen to hold up its partition. 0: none does.",
    "Above a minute: a sender neither commits nor aborts; its transaction.timeout.ms ends it. "
    "Above two: it hangs, and is to be ended by hand (docs/guarantees.md).",
)  # fmt: skip
RESIDENT = Named(
    "emc_worker_resident_bytes", "gauge", (), "worker",
    "Memory of the worker's process that is resident; with `emc up`, ClickHouse's engine and the API in it.",
    "Compare with emc_worker_memory_limit_bytes; see alert WorkerMemory.",
)  # fmt: skip
MEMORY_LIMIT = Named(
    "emc_worker_memory_limit_bytes", "gauge", (), "worker",
    "Memory above which the kernel ends the process: the limit of its control group, else all there is.",
    "Give a worker 1 GiB and more, `emc up` 1.6 GiB and more; 1.1 GiB beside these where strangers may flood "
    "its ClickHouse interface (docs/security.md).",
)  # fmt: skip
HELD = Named(
    "emc_worker_held_bytes", "gauge", ("buffer",), "worker",
    "What the worker holds of the topic, as the bytes that it becomes: waiting, judged, written. Each is "
    "bounded by the largest batch; docs/performance.md has the sum.",
    "All full for long: the worker is the slow part, add workers. Empty although memory is high: report it.",
)  # fmt: skip
SOURCE_BROKEN = Named(
    "emc_source_broken", "gauge", ("agency",), "worker",
    "1: of the agency's events in the last quarter of an hour more than the allowed share was refused.",
    "See alert SourceBroken.",
)  # fmt: skip
AUDIT_DIFFERENCES = Named(
    "emc_audit_differences", "gauge", (), "worker",
    "Rows of the worker's agencies that its last audit found to differ from their second computation.",
    "See alert AuditDifferences.",
)  # fmt: skip
AUDIT_UNSETTLED = Named(
    "emc_audit_unsettled", "gauge", (), "worker",
    "Agencies that its last audit could not compare, because they were written at each of five tries.",
    "Above 0 in every audit: let it run at a quieter time.",
)  # fmt: skip
AUDIT_TIME = Named(
    "emc_audit_last_run_timestamp_seconds", "gauge", (), "worker",
    "When the worker's last audit ended (seconds since 1970). Absent before the first.",
    "See alert AuditOverdue.",
)  # fmt: skip

ALL: tuple[Named, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Named))
