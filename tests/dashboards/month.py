"""The simulated month in a database, brought there by the stream's own pipeline, without a broker."""

import json
import time
from collections.abc import Iterable, Iterator
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
from streams.supervision.stages import Stages, build_stages
from tests.engine import embedded_database

PARTITIONS = 12
MONTH = "2024-03-01"
_BATCH = 20_000


class Nowhere:
    """Takes refused events and keeps none."""

    def deliver(self, letters: Any, timeout: float = 0) -> list[Any]:
        """Nothing to do; nothing is handed back."""
        return []

    def close(self) -> None:
        """Nothing to do."""


@contextmanager
def simulated_month(state: Path, scale: float, settled: int = 0) -> Iterator[Database]:
    """A database with all that the month of this scale leaves in it.

    `settled`: so many dossiers of H25 are settled by G06, and of G06 by H25.
    """
    with embedded_database() as database:
        outbox: Any = Nowhere()
        stages = build_stages(
            database, Store(state), load_registry(), "emc.events", outbox, RetryUntilStopped()
        )
        starts = dict.fromkeys(range(PARTITIONS), 0)
        lease = Lease(TopicFacts("simulated", PARTITIONS), starts, starts)
        stages.owner.take_over(lease)
        offsets = [0] * PARTITIONS
        for batch in _batches(lease, simulate(load_registry(), scale=scale), offsets):
            _make_durable(stages, batch)
        for batch in _batches(lease, _settling(database, settled), offsets):
            _make_durable(stages, batch)
        stages.durability.close()
        yield database


def _make_durable(stages: Stages, batch: list[Slice]) -> None:
    folded = stages.owner.fold(stages.gatherer.gather(batch))
    assert folded is not None
    stages.durability.make_durable(folded)


def _settling(database: Database, settled: int) -> Iterator[Any]:
    """Messages that say of the first dossiers of two agencies that the other one settles them."""
    for agency, settler in (("H25", "G06"), ("G06", "H25")):
        found = database.query(
            "SELECT dossier FROM dossiers FINAL WHERE agency = {agency:String} AND isNotNull(received_at)"
            " ORDER BY dossier LIMIT {settled:UInt32}",
            {"agency": agency, "settled": settled},
        )
        for (dossier,) in found:
            event = {
                "specversion": "1.0", "id": f"settling-{dossier}", "source": f"/agencies/{agency}",
                "type": "vn.emc.dossier.v1", "subject": dossier, "time": "2024-04-20T00:00:00+07:00",
                "data": {"settled_by": settler},
            }  # fmt: skip
            yield SimpleNamespace(key=agency.encode(), value=json.dumps(event).encode(), headers=[])


def _batches(lease: Lease, messages: Iterable[Any], offsets: list[int]) -> Iterator[list[Slice]]:
    slices: dict[int, list[Any]] = {}
    now = int(time.time() * 1000)
    for number, message in enumerate(messages, start=1):
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
