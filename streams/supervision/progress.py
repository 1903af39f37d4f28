"""What the worker has done: for health and metrics."""

import logging
import time
from collections import Counter

from emc.settings.upkeep import Upkeep
from streams.batch.batch import Done
from streams.supervision.metrics import OUTCOMES, AgencyCounts
from streams.supervision.tenancy import Tenancy

_log = logging.getLogger("emc.worker")
TELL_EVERY = 60.0


class Progress:
    """Counts since the process began, and what is at hand now."""

    def __init__(self, upkeep: Upkeep, tenancy: Tenancy) -> None:
        self._tenancy = tenancy
        self.agencies = AgencyCounts(upkeep.broken_share, upkeep.broken_least, upkeep.broken_window)
        self.totals: Counter[str] = Counter()
        self.rejections: Counter[tuple[str, str]] = Counter()
        self.step_seconds: Counter[str] = Counter()
        self.last_batch: float | None = None
        self._told: Counter[str] = Counter()
        self._told_at = time.monotonic()

    @property
    def partitions(self) -> frozenset[int]:
        """Those that are worked on now."""
        return self._tenancy.partitions

    def count(self, done: Done) -> None:
        """Adds a durable batch."""
        for name in OUTCOMES:
            self.totals[name] += getattr(done, name)
        self.totals["batches"] += 1
        self.rejections.update(done.rejections)
        self.agencies.count(done.agencies, Counter(agency for agency, _ in done.rejections))
        self.step_seconds.update(done.steps)
        self.last_batch = time.time()
        self._tell()

    def _tell(self) -> None:
        """One line of the log a minute, while there is anything to count."""
        now = time.monotonic()
        if now - self._told_at >= TELL_EVERY:
            counted = {
                name: self.totals[name] - self._told[name] for name in ("accepted", "rejected", "batches")
            }
            _log.info("counted", extra={**counted, "seconds": round(now - self._told_at)})
            self._told, self._told_at = self.totals.copy(), now
