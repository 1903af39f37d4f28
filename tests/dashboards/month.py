"""The simulated month in a database, brought there by the stream's own pipeline, without a broker."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from emc.identifiers import partition_of
from emc.registry import load_registry
from producers.simulator import simulate
from sinks.clickhouse.database import Database
from streams.agencies.store import Store
from streams.batch.retrying import RetryUntilStopped
from streams.reading.lease import Lease
from streams.reading.slices import Slice
from streams.reading.topic import TopicFacts
from streams.supervision.stages import build_stages
from tests.engine import embedded_database

PARTITIONS = 12
MONTH = "2024-03-01"
_BATCH = 20_000


class _Nowhere:
    """Takes refused events and keeps none."""

    def deliver(self, letters: Any, timeout: float = 0) -> list[Any]:
        """Nothing to do; nothing is handed back."""
        return []

    def close(self) -> None:
        """Nothing to do."""


@contextmanager
def simulated_month(state: Path, scale: float) -> Iterator[Database]:
    """A database with all that the month of this scale leaves in it."""
    with embedded_database() as database:
        outbox: Any = _Nowhere()
        stages = build_stages(
            database, Store(state), load_registry(), "emc.events", outbox, RetryUntilStopped()
        )
        starts = dict.fromkeys(range(PARTITIONS), 0)
        lease = Lease(TopicFacts("simulated", PARTITIONS), starts, starts)
        stages.owner.take_over(lease)
        for batch in _batches(lease, scale):
            folded = stages.owner.fold(stages.gatherer.gather(batch))
            assert folded is not None
            stages.durability.make_durable(folded)
        stages.durability.close()
        yield database


def _batches(lease: Lease, scale: float) -> Iterator[list[Slice]]:
    slices: dict[int, list[Any]] = {}
    offsets = [0] * PARTITIONS
    now = int(time.time() * 1000)
    for number, message in enumerate(simulate(load_registry(), scale=scale), start=1):
        place = partition_of(message.key, PARTITIONS) if message.key else 0
        record = SimpleNamespace(
            key=message.key,
            value=message.value,
            headers=message.headers,
            offset=offsets[place],
            timestamp=now,
            partition=place,
        )
        slices.setdefault(place, []).append(record)
        offsets[place] += 1
        if number % _BATCH == 0:
            yield [Slice.of(lease, *each) for each in slices.items()]
            slices = {}
    if slices:
        yield [Slice.of(lease, *each) for each in slices.items()]
