"""What a worker has done and waits for, as Prometheus metrics, and which sources it finds broken.

Read from the worker's own progress at each scrape, so that no second state can disagree with it.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from emc.errors import EmcError
from emc.waiting import Component, Waiting
from sinks.prometheus import metrics
from sinks.prometheus.bounded_read import Timed, TooSlow

OUTCOMES = ("accepted", "rejected", "forwarded", "erased")
_SLOT = 60


class Progress(Protocol):
    """What the worker counts."""

    totals: Counter[str]
    step_seconds: Counter[str]
    last_batch: float | None

    @property
    def partitions(self) -> frozenset[int]:
        """Those that it works on now."""


class AuditResult(NamedTuple):
    """The last audit: when it ended (seconds since 1970), rows that differ, agencies never settled."""

    ended: float
    different: int
    unsettled: int


class AgencyCounts:
    """Events accepted and rejected by agency: since the start, and in a window that tells broken sources.

    A source is broken while, in the last `window` seconds, more than `share` of its agency's events were
    refused, and at least `least` of them. It only marks: events of that agency are still judged one by one.
    The agency "" stands for events whose agency could not be told; it is never marked.
    """

    def __init__(
        self,
        share: float = 0.5,
        least: int = 100,
        window: int = 900,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.accepted: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self._share, self._least, self._window, self._now = share, least, window, now
        self._slots: deque[tuple[int, Counter[str], Counter[str]]] = deque()
        self._lock = threading.Lock()

    def count(self, accepted: Mapping[str, int], rejected: Mapping[str, int]) -> None:
        """Adds a durable batch: events by agency."""
        with self._lock:
            self.accepted.update(accepted)
            self.rejected.update(rejected)
            slot = int(self._now()) // _SLOT
            if not self._slots or self._slots[-1][0] != slot:
                self._slots.append((slot, Counter(), Counter()))
            self._slots[-1][1].update(accepted)
            self._slots[-1][2].update(rejected)
            self._forget()

    def broken(self) -> list[str]:
        """The agencies whose source is broken now."""
        with self._lock:
            self._forget()
            accepted, rejected = Counter[str](), Counter[str]()
            for _, good, bad in self._slots:
                accepted.update(good)
                rejected.update(bad)
        return sorted(
            agency
            for agency, bad_events in rejected.items()
            if agency and bad_events >= self._least
            if bad_events > self._share * (bad_events + accepted[agency])
        )

    def _forget(self) -> None:
        oldest = (int(self._now()) - self._window) // _SLOT
        while self._slots and self._slots[0][0] < oldest:
            self._slots.popleft()


class WorkerCollector(Collector):
    """The metrics of one worker.

    `waiting` tells what the worker waits for, None when it goes on; `lag` asks Kafka and
    may raise; `agencies` lists the registry's codes, so that every counter starts at 0 and its first rise
    is seen; `counts` and `audit` are left out where the worker has none.
    """

    def __init__(
        self,
        progress: Progress,
        waiting: Callable[[], Waiting | None],
        lag: Callable[[], int],
        agencies: Iterable[str] = (),
        counts: AgencyCounts | None = None,
        audit: Callable[[], AuditResult | None] = lambda: None,
        lag_limit: float = 3.0,
        open_seconds: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._progress, self._waits_for = progress, waiting
        self._lag, self._open_seconds = Timed(lag, lag_limit, fresh=2.0), open_seconds
        self._agencies, self._counts, self._audit = tuple(agencies), counts, audit

    def describe(self) -> list[Metric]:
        """Nothing: so that registering asks nobody."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families of one scrape; never raises because of Kafka."""
        events = metrics.EVENTS.family()
        for outcome in OUTCOMES:
            events.add_metric((outcome,), self._progress.totals[outcome])
        steps = metrics.STEP_SECONDS.family()
        for step, seconds in sorted(self._progress.step_seconds.items()):
            steps.add_metric((step,), seconds)
        yield from (events, steps)
        yield metrics.BATCHES.value(self._progress.totals["batches"])
        yield metrics.PARTITIONS.value(len(self._progress.partitions))
        if self._progress.last_batch is not None:
            yield metrics.LAST_BATCH.value(self._progress.last_batch)
        yield self._waiting()
        yield from self._behind()
        yield from self._by_agency()
        yield from self._audited()

    def _waiting(self) -> Metric:
        family, waiting = metrics.WAITING.family(), self._waits_for()
        for component in Component:
            waits = waiting is not None and waiting.component is component
            family.add_metric((component.value,), int(waits))
        return family

    def _behind(self) -> Iterator[Metric]:
        try:
            yield metrics.LAG.value(self._lag())
            yield metrics.OPEN_TRANSACTION.value(self._open_seconds())
        except (EmcError, TooSlow):
            return

    def _by_agency(self) -> Iterator[Metric]:
        if self._counts is None:
            return
        family, broken = metrics.AGENCY_EVENTS.family(), metrics.SOURCE_BROKEN.family()
        marked = self._counts.broken()
        for agency in ("", *self._agencies):
            family.add_metric((agency, "accepted"), self._counts.accepted[agency])
            family.add_metric((agency, "rejected"), self._counts.rejected[agency])
            if agency:
                broken.add_metric((agency,), int(agency in marked))
        yield from (family, broken)

    def _audited(self) -> Iterator[Metric]:
        result = self._audit()
        if result is not None:
            yield metrics.AUDIT_DIFFERENCES.value(result.different)
            yield metrics.AUDIT_UNSETTLED.value(result.unsettled)
            yield metrics.AUDIT_TIME.value(result.ended)
