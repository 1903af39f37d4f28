"""Records the calls of the four seams, one line each, free of everything that may differ between two runs."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import pytest

from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import EngineUnavailable
from streams.agencies.store import Store
from streams.batch.outbox import Outbox
from streams.reading.transport import SliceConsumer

_IN_ORDER = ("commits", "positions")
"""The tables that are inserted one after the other; the others go side by side."""


class _Call(NamedTuple):
    seam: str
    name: str
    given: Sequence[str] = ()

    def line(self) -> str:
        """The call without what it was given, but for its digest."""
        if self.seam == "step":
            return f"step {self.name}"
        digest = hashlib.sha256("\n".join(sorted(self.given)).encode()).hexdigest()[:16]
        return " ".join(filter(None, (self.seam, self.name, str(len(self.given)), digest)))


class Recorder:
    """The lines of one story. `step` begins a part of it; `fail` makes the next insert of a table fail."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._failing: list[str] = []

    def step(self, words: str) -> None:
        """What happens from here on."""
        self._calls.append(_Call("step", words))

    def fail(self, table: str) -> None:
        """ClickHouse does not answer to the next insert of this table: it cannot be made to by itself."""
        self._failing.append(table)

    def lines(self) -> list[str]:
        """The record. Inserts that ran side by side are put in the order of their names; pairs that were
        stored in several pieces, one right after the other, are one piece.
        """
        found: list[str] = []
        for kind, group in groupby(self._calls, _kind):
            calls = list(group)
            if kind == "store":
                calls = [_Call("store", "", [text for call in calls for text in call.given])]
            lines = [call.line() for call in calls]
            found += sorted(lines) if kind == "side by side" else lines
        return found

    def add(self, seam: str, name: str, given: Iterable[Any]) -> None:
        """One call: how much it was given, and what, in whatever order."""
        self._calls.append(_Call(seam, name, list(map(repr, given))))

    def attach(self, patch: pytest.MonkeyPatch) -> None:
        """From now on every call is recorded. Nothing is sent or acknowledged: there is no broker."""
        insert, write = Database.insert, Store.write

        def recorded_insert(database: Database, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
            self.add("insert", f"{table}({','.join(columns)})", zip(*columns.values(), strict=True))
            if table in self._failing:
                self._failing.remove(table)
                raise EngineUnavailable("ClickHouse at nowhere does not answer")
            insert(database, table, columns)

        def recorded_write(store: Store, puts: Iterable[Any]) -> None:
            puts = list(puts)
            self.add("store", "", puts)
            write(store, puts)

        def deliver(outbox: Outbox, messages: Sequence[Any], timeout: float = 0.0) -> list[Any]:
            self.add("deliver", "", (tuple(message) for message in messages))
            return []

        async def commit(consumer: SliceConsumer, offsets: Mapping[Any, int]) -> bool:
            self.add("commit", "", ((tp.topic, tp.partition, offset) for tp, offset in offsets.items()))
            return True

        seams: list[tuple[type, str, Callable[..., Any]]] = [
            (Database, "insert", recorded_insert),
            (Store, "write", recorded_write),
            (Outbox, "deliver", deliver),
            (SliceConsumer, "commit_batch", commit),
        ]
        for owner, name, recorded in seams:
            patch.setattr(owner, name, recorded)


def _kind(call: _Call) -> str:
    """Calls of one kind that follow each other are looked at together."""
    if call.seam == "insert" and call.name.partition("(")[0] not in _IN_ORDER:
        return "side by side"
    return call.seam
