"""What the worker has done and waits for: for health and metrics."""

import time
from collections import Counter

from emc.settings.upkeep import Upkeep
from streams.batch.batch import Done
from streams.supervision.metrics import AgencyCounts


class Progress:
    """Counts since the process began, and what is at hand now."""

    def __init__(self, upkeep: Upkeep) -> None:
        self.agencies = AgencyCounts(upkeep.broken_share, upkeep.broken_least, upkeep.broken_window)
        self.totals: Counter[str] = Counter()
        self.rejections: Counter[tuple[str, str]] = Counter()
        self.step_seconds: Counter[str] = Counter()
        self.last_batch: float | None = None
        self.waiting_for: str | None = None
        self.partitions: frozenset[int] = frozenset()

    def count(self, done: Done) -> None:
        """Adds a durable batch."""
        for name in ("accepted", "rejected", "forwarded"):
            self.totals[name] += getattr(done, name)
        self.totals["batches"] += 1
        self.rejections.update(done.rejections)
        self.agencies.count(done.agencies, Counter(agency for agency, _ in done.rejections))
        self.step_seconds.update(done.steps)
        self.last_batch = time.time()
