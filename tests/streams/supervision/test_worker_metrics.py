"""A worker's metrics: read from its progress, and sources marked as broken."""

from collections import Counter
from collections.abc import Callable

from emc.errors import ComponentError
from emc.waiting import Component, Waiting
from sinks.prometheus import metrics
from sinks.prometheus.memory import MemoryCollector
from streams.supervision.metrics import AgencyCounts, AuditResult, WorkerCollector
from tests.sinks.exported import samples, value


class Done:
    """A worker's progress."""

    def __init__(self) -> None:
        self.totals = Counter({"accepted": 7, "rejected": 2, "batches": 3})
        self.step_seconds = Counter[str]()
        self.last_batch: float | None = None
        self.partitions = frozenset({1, 2})


def collector(
    waiting: Waiting | None = None,
    lag: Callable[[], int] = lambda: 4,
    counts: AgencyCounts | None = None,
    audit: AuditResult | None = None,
) -> WorkerCollector:
    return WorkerCollector(Done(), lambda: waiting, lag, ["H44", "H26"], counts, lambda: audit)


def no_broker() -> int:
    raise ComponentError("Kafka at x does not answer")


def test_progress_is_shown_as_it_is() -> None:
    found = samples(collector())
    assert value(found, "emc_worker_events_total", outcome="accepted") == 7
    assert value(found, "emc_worker_events_total", outcome="forwarded") == 0
    assert value(found, "emc_worker_batches_total") == 3
    assert value(found, "emc_worker_partitions") == 2
    assert value(found, "emc_lag_messages") == 4
    assert value(found, "emc_open_transaction_seconds") == 0
    assert value(found, "emc_worker_last_batch_timestamp_seconds") is None


def test_what_is_waited_for_is_told_by_component() -> None:
    for waited_for in (None, *Component):
        waiting = Waiting(waited_for, "A batch does not succeed") if waited_for else None
        found = samples(collector(waiting))
        for component in Component:
            shown = value(found, "emc_worker_waiting", component=component.value)
            assert shown == (component == waited_for)


def test_an_unknown_lag_is_absent() -> None:
    assert value(samples(collector(lag=no_broker)), "emc_lag_messages") is None


def test_counters_of_agencies_start_at_zero() -> None:
    counts = AgencyCounts(now=lambda: 1e9)
    before = samples(collector(counts=counts))
    assert value(before, "emc_worker_agency_events_total", agency="H26", outcome="rejected") == 0
    counts.count({"H44": 5}, {"H44": 1, "": 2})
    after = samples(collector(counts=counts))
    assert value(after, "emc_worker_agency_events_total", agency="H44", outcome="accepted") == 5
    assert value(after, "emc_worker_agency_events_total", agency="", outcome="rejected") == 2


def test_a_source_is_broken_while_most_of_its_events_are_refused() -> None:
    now = 1e9

    def clock() -> float:
        return now

    counts = AgencyCounts(share=0.5, least=100, window=900, now=clock)
    counts.count({"H44": 90, "H26": 5000, "H27": 0}, {"H44": 99, "H26": 100, "H27": 50, "": 1000})
    assert counts.broken() == []
    counts.count({}, {"H44": 1})
    assert counts.broken() == ["H44"]
    assert value(samples(collector(counts=counts)), "emc_source_broken", agency="H44") == 1
    assert value(samples(collector(counts=counts)), "emc_source_broken", agency="H26") == 0
    now += 600
    counts.count({"H44": 20}, {})
    assert counts.broken() == []
    counts.count({}, {"H44": 60})
    assert counts.broken() == ["H44"]
    now += 961
    assert counts.broken() == []


def test_the_last_audit_is_shown() -> None:
    found = samples(collector(audit=AuditResult(1e9, 3, 1)))
    assert value(found, "emc_audit_differences") == 3
    assert value(found, "emc_audit_unsettled") == 1
    assert value(found, "emc_audit_last_run_timestamp_seconds") == 1e9
    assert value(samples(collector()), "emc_audit_differences") is None


def test_every_metric_of_a_worker_is_named_and_every_named_one_exposed() -> None:
    done = Done()
    done.last_batch = 1.0
    full = WorkerCollector(
        done, lambda: None, lambda: 0, ["H44"], AgencyCounts(), lambda: AuditResult(1.0, 0, 0)
    )
    memory = MemoryCollector(lambda: {"waiting": 0})
    exposed = {family.name for family in (*full.collect(), *memory.collect())}
    assert exposed == {
        each.name.removesuffix("_total") for each in metrics.ALL if each.exposed_by == "worker"
    }
