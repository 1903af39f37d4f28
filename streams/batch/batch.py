"""The unit of work, and the one way by which it becomes durable.

The order: what was refused or misplaced is sent → rows are inserted (events … rates; last commits, then
positions) → one atomic write of the local store. Whoever has a batch of the topic then acknowledges it. A
crash anywhere is a replay, and a replay is harmless: the fold is a join and rows are absolute.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from streams.batch.gathering import Gathered, refused_on_its_way
from streams.batch.outbox import Outbox
from streams.batch.retrying import RetryUntilStopped
from streams.batch.rollback_detector import RollbackDetector, versions_of
from streams.batch.rows import COLUMNS, Put, Rows
from streams.batch.steps import StepClock
from streams.batch.writer import Writer


class Batch:
    """What becomes durable together: rows for ClickHouse, pairs for the local store.

    `gathered`: what of the topic it accounts for; None where agencies are renewed or mended without it.
    """

    def __init__(self, gathered: Gathered | None = None) -> None:
        self.rows, self.puts = Rows(), list[Put]()
        self.gathered = gathered

    def add(self, rows: Rows, puts: Iterable[Put] = ()) -> None:
        """Takes in what a step of an agency changes."""
        for table in COLUMNS:
            self.rows[table].extend(rows[table])
        self.puts.extend(puts)


class Done(msgspec.Struct):
    """A durable batch: what to commit, and what it held.

    `steps`: seconds by step; `rejections`: agency and reason of each; `agencies`: accepted events by agency.
    """

    next_offsets: Mapping[int, int]
    accepted: int
    rejected: int
    forwarded: int
    steps: dict[str, float]
    rejections: list[tuple[str, str]]
    agencies: dict[str, int] = {}
    erased: int = 0


class LocalStore(Protocol):
    """Where pairs are kept."""

    def write(self, puts: Iterable[Put]) -> None:
        """All of them or none."""


class Durability:
    """The only way to the tables and to the local store's marks. For the stream thread."""

    def __init__(
        self,
        local: LocalStore,
        outbox: Outbox,
        writer: Writer,
        detector: RollbackDetector,
        retry: RetryUntilStopped,
    ) -> None:
        self._local, self._outbox, self._writer = local, outbox, writer
        self._detector, self._retry = detector, retry

    def make_durable(self, batch: Batch) -> dict[str, float]:
        """Returns once all of it is; the seconds that each step took. Again and again until it succeeds.

        Stopped when the worker is to end first; RestoredBehindUs when ClickHouse was put back meanwhile;
        whatever else is raised, the batch is to be begun anew from what is durable.
        """
        clock, written = StepClock(), versions_of(batch.rows)
        if batch.gathered is not None:
            self._send(batch.gathered, batch.rows)
            clock.mark("send")

        def check(table: str) -> None:
            self._detector.committed(written if table == "positions" else {})

        self._writer.write(batch.rows, check)
        self._detector.wrote(batch.rows)
        clock.mark("insert")
        self._local.write(batch.puts)
        clock.mark("store")
        return clock.seconds

    def _send(self, gathered: Gathered, rows: Rows) -> None:
        """Sends what goes elsewhere; refused is what its own partition does not take."""
        left = self._retry.until_done(lambda: self._outbox.deliver(gathered.outgoing))
        refusals = [refused_on_its_way(record) for record in left]
        self._retry.until_done(lambda: self._outbox.deliver([record for record, _ in refusals]))
        found = [row for _, row in refusals]
        rows["rejections"].extend(found)
        gathered.rejections.extend(found)
        gathered.rejected, gathered.forwarded = (
            gathered.rejected + len(found),
            gathered.forwarded - len(found),
        )

    def close(self) -> None:
        """Ends the inserting threads and the outbox; the local store is closed by the agencies' owner."""
        self._writer.close()
        self._outbox.close()


def done_of(gathered: Gathered, steps: Mapping[str, float]) -> Done:
    """What is told of a batch of the topic once it is durable."""
    return Done(
        gathered.next_offsets,
        gathered.accepted,
        gathered.rejected,
        gathered.forwarded,
        {**gathered.steps, **steps},
        [(row[0], row[1]) for row in gathered.rejections],
        {agency: len(group.events) for agency, group in gathered.by_agency.items()},
        gathered.erased,
    )
