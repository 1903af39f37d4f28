"""Quix Streams doing the monitor's job, as far as it goes with what Quix gives.

Validation, fold, facts and definitions are the monitor's own functions, so that what differs is the engine
around them. By agency, Quix keeps the registers of each dossier and the sums of each day; a sink gathers the
rows of all partitions until the checkpoint and inserts them: events, the newest row of each dossier, and the
day's rates of every definition. Left out: rates of longer periods (ClickHouse can sum days), restating what a
later catalogue entry changes, coverage, warnings, the audit; and what Quix does not give: a state that is
known to agree with the tables after a crash between the insert and the checkpoint.

`python -m benchmarks.peers.quix_same BOOTSTRAP TOPIC MESSAGES`; runs in the environment of the peers.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quixstreams import Application
from quixstreams.sinks import BaseSink

from benchmarks.peers.plain import Clock
from emc.catalogue import Catalogue, entry_facts
from emc.contract import judge, split_message
from emc.dossier import Cell, cells, signature
from emc.facts import BIT
from emc.instants import day_number, parse_date
from emc.registers import Registers, decode, encode, fold, values
from emc.registry import Registry, load_registry
from emc.sums import BY_DAY, Sums, counts_by_day, indices, zero
from emc.verdicts import Accepted, Rejected
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from streams.agencies.change import dossier_row
from streams.batch.rows import COLUMNS, Row

_TABLES = ("events", "dossiers", "rates")
_PATIENCE = 120.0
"""Seconds for the broker to answer: a machine may be busy with other things."""


class Moved:
    """What one message moved: rows of events, and the newest of each dossier and of each day's sums."""

    __slots__ = ("days", "dossiers", "events", "version")

    def __init__(self, version: int) -> None:
        self.version, self.events = version, list[Row]()
        self.dossiers: dict[str, Row] = {}
        self.days: dict[tuple[str, int], Sums] = {}


class Tables(BaseSink):  # type: ignore[misc]
    """Gathers what messages moved and inserts it at the checkpoint, before Quix commits the offsets."""

    def __init__(self, db: Database, clock: Clock) -> None:
        super().__init__()
        self._db, self._clock = db, clock
        self._waiting: list[Moved] = []

    def add(self, value: Moved, **_: Any) -> None:
        """One more message."""
        self._waiting.append(value)

    def flush(self) -> None:
        """Inserts what waits."""
        events: list[Row] = []
        dossiers: dict[str, Row] = {}
        days: dict[tuple[str, int], Row] = {}
        for moved in self._waiting:
            events += moved.events
            dossiers |= moved.dossiers
            for day, sums in moved.days.items():
                days[day] = (*day, sums, moved.version)
        rates = [row for each in days.values() for row in _rates(*each)]
        for table, rows in zip(_TABLES, (events, list(dossiers.values()), rates), strict=True):
            if rows:
                self._db.insert(table, dict(zip(COLUMNS[table], zip(*rows, strict=True), strict=True)))
        self._waiting = []
        self._clock.done(0)


def _rates(agency: str, day: int, sums: Sums, version: int) -> Sequence[Row]:
    return [
        (agency, definition.metric, definition.name, "day", day, above, below, 0, 0, version, 0)
        for definition, (above, below) in zip(BY_DAY, counts_by_day(sums), strict=True)
    ]


class Job:
    """What is done with each message."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry, self._clock, self._catalogues = registry, clock, dict[str, Catalogue]()
        self.rejected = 0

    def __call__(self, value: bytes, key: bytes, timestamp: int, headers: Any, state: Any) -> Moved:
        """Judges and folds the events of a message."""
        self._clock.begin()
        events = split_message(value, dict(headers)["content-type"].decode())
        moved = Moved(timestamp << 64)
        for index, text in enumerate(events):
            event = judge(text, key, timestamp * 1000, self._registry)
            if isinstance(event, Rejected):
                self.rejected += 1
                continue
            said = (event.agency, event.kind, event.subject, event.time, event.id, event.source)
            place = (timestamp, "", 0, 0, index, moved.version)
            moved.events.append((*said, encode(event.fields).decode(), *place))
            if event.kind == "dossier":
                self._dossier(event, state, moved)
            elif event.kind == "procedure":
                self._entry(event, state)
        self._clock.done(len(events))
        return moved

    def _dossier(self, event: Accepted, state: Any, moved: Moved) -> None:
        held_text = state.get_bytes(event.subject)
        registers: Registers = decode(held_text) if held_text else []
        held = values(registers)
        before = cells(held, signature(held))
        fold(registers, event.time, event.id, event.fields)
        held = values(registers)
        facts = signature(held)
        after = cells(held, facts)
        text = encode(registers)
        state.set_bytes(event.subject, text)
        if before != after:
            self._count(event.agency, before, -1, state, moved)
            self._count(event.agency, after, 1, state, moved)
        row = dossier_row(event.agency, event.subject, held, facts, text.decode(), moved.version)
        moved.dossiers[event.subject] = row

    def _count(self, agency: str, cells_: Sequence[Cell], by: int, state: Any, moved: Moved) -> None:
        catalogue = self._catalogue(agency)
        for cell in cells_:
            name = f"sums {cell.day}"
            sums: Sums = state.get(name) or zero()
            for at in indices(cell.attribution, cell.signature, catalogue.on(cell.procedure, cell.day)):
                sums[at] += by
            state.set(name, sums)
            moved.days[agency, cell.day] = sums

    def _entry(self, event: Accepted, state: Any) -> None:
        name = f"entry {event.subject} {event.valid_from}"
        text = state.get_bytes(name)
        registers: Registers = decode(text) if text else []
        fold(registers, event.time, event.id, event.fields)
        state.set_bytes(name, encode(registers))
        day = day_number(parse_date(event.valid_from))
        self._catalogue(event.agency).set(event.subject, day, entry_facts(registers))

    def _catalogue(self, agency: str) -> Catalogue:
        return self._catalogues.setdefault(agency, Catalogue())


def main() -> None:
    """Runs until so many messages were seen; what it counted is read from the tables."""
    bootstrap, topic, messages = sys.argv[1:]
    clock = Clock()
    job = Job(load_registry(), clock)
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "clickhouse") as db:
        migrate(db)
        app = Application(
            broker_address=bootstrap,
            consumer_group=f"quix-same-{os.getpid()}",
            auto_offset_reset="earliest",
            state_dir=Path(folder) / "state",
            loglevel="ERROR",
            request_timeout=_PATIENCE,
        )
        stream = app.dataframe(app.topic(topic, value_deserializer="bytes", key_deserializer="bytes"))
        stream.apply(job, stateful=True, metadata=True).sink(Tables(db, clock))
        app.run(count=int(messages))
        if job.rejected:
            sys.exit(f"{job.rejected} events were rejected")
        online = f"bitAnd(signature, {BIT['online']}) != 0"
        counted = db.query(
            f"SELECT count(), countIf({online}) FROM dossiers FINAL"
            " WHERE received_at IS NOT NULL AND NOT removed"
        )
        below = db.query(
            "SELECT sum(denominator) FROM rates FINAL"
            " WHERE metric = 'online_submission' AND definition = 'channel'"
        )
        if counted[0][0] != below[0][0]:
            sys.exit(f"{counted[0][0]} dossiers received, {below[0][0]} in the rates")
        clock.found(*counted[0]).tell()


if __name__ == "__main__":
    main()
