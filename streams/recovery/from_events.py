"""`emc rebuild --from-events`: states, cells and rates made anew from the table `events`, beside them.

For when states are doubted and the events are not: a fold that was wrong, tables lost in part. What does not
follow from accepted events stays as it is: rejections, sources, positions, and the history of rates, which
tells what was shown, right or wrong.
"""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from emc import instants
from emc.errors import EmcError
from emc.verdicts import Accepted
from sinks.audit.audit import audit
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.maintenance.exchange import beside, switch
from sinks.maintenance.retention import dropped_until
from streams.agencies.ledger import Ledger
from streams.agencies.state import AgencyState
from streams.agencies.store import Store
from streams.agencies.tables import last_versions
from streams.batch import versions
from streams.batch.rows import Row, Rows
from streams.recovery.withdrawal import Look, in_thread

WritersStopped = Callable[[], AbstractAsyncContextManager[None]]
_MADE = (*schema.STATES, *schema.DERIVED)
_KINDS = ("procedure", "declaration", "dossier")
"""Catalogue first: what comes later then need not be restated."""
_ANY = (1 << 128) - 1
_UNSEEN = """
    SELECT agency, type, subject, time, id, source, data FROM events
    WHERE type = {kind:String} AND version > seen
"""


class RebuildRefused(EmcError):
    """A rebuild would lose something: the tables in use stay."""


async def rebuild_from_events(db: Database, folder: Path, writers_stopped: WritersStopped) -> dict[str, Any]:
    """Makes the states, cells and rates anew and puts them in the place of the old ones; returns the audit.

    `folder` is for scratch. `writers_stopped` is entered for the end only: the events that were written
    meanwhile, and the exchange. Raises RebuildRefused when events are missing, or something differs.
    Cancelled, it leaves the tables as they were, unless their exchange has begun: that is then ended.
    """
    if dropped := await asyncio.to_thread(dropped_until, db, "events"):
        day = instants.format_instant(dropped * 1000)[:10]
        raise RebuildRefused(
            f"events from before {day} were dropped by retention: states cannot be made anew"
        )
    with beside(db, "rebuilt") as fresh:
        replaying = Replaying(db, fresh, folder / "rebuild")
        try:
            await in_thread(replaying.catch_up)
            found = await in_thread(replaying.audited)
            async with writers_stopped():
                await in_thread(partial(replaying.catch_up, last=True))
                await in_thread(lambda look: switch(db, fresh, schema.FROM_EVENTS))
        finally:
            await asyncio.to_thread(replaying.close)
    return found


_BOUNDS = "CREATE TABLE bounds (agency String, seen UInt128, bound UInt128) ENGINE = Memory"
_EVENTS = """
    CREATE VIEW events AS SELECT e.*, b.seen AS seen FROM `{name}`.events AS e
    INNER JOIN bounds AS b ON b.agency = e.agency WHERE e.version <= b.bound
"""
"""The events that are folded, no more: while others write on, the audit of the new tables goes by them."""


class Replaying:
    """Folds the events of one database into the tables of another."""

    def __init__(self, db: Database, fresh: Database, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._db, self._fresh, self._folder = db, fresh, folder
        self._local = Store(folder)
        self._ledgers: dict[str, Ledger] = {}
        self._seen: dict[str, int] = {}
        for statement in ("DROP TABLE events SYNC", _BOUNDS, _EVENTS.format(name=db.name)):
            fresh.command(statement)

    def catch_up(self, look: Look, last: bool = False) -> None:
        """Folds what was not yet: up to each agency's commit, or (`last`: nobody writes) all there is."""
        committed: dict[str, int] = dict(self._db.query("SELECT agency, version FROM commits FINAL"))
        known = [agency for (agency,) in self._db.query("SELECT DISTINCT agency FROM events")]
        agencies = sorted({*committed, *known})
        bounds = {agency: _ANY if last else committed.get(agency, 0) for agency in agencies}
        self._set_bounds(bounds)
        newest = last_versions(self._db, agencies, events=True)
        for agency in agencies:
            ledger = self._ledgers.setdefault(agency, Ledger(AgencyState(agency), self._local))
            if newest.get(agency, 0) > ledger.version:
                ledger.state.advance(newest[agency])
        for kind in _KINDS:
            for block in self._fresh.stream(_UNSEEN, {"kind": kind}):
                look()
                self._fold(block)
        self._seen = bounds
        self._commit()
        if last:
            self._refuse_losses()

    def _set_bounds(self, bounds: Mapping[str, int]) -> None:
        self._fresh.command("TRUNCATE TABLE bounds")
        seen = [self._seen.get(agency, 0) for agency in bounds]
        if bounds:
            columns: dict[str, Sequence[Any]] = {
                "agency": list(bounds),
                "seen": seen,
                "bound": list(bounds.values()),
            }
            self._fresh.insert("bounds", columns)

    def _fold(self, block: Sequence[Row]) -> None:
        """Folds some events, of whatever agencies, and inserts what comes of them."""
        today, now = instants.day_number(instants.today()), instants.now_us() // 1000
        events: dict[str, list[Accepted]] = {}
        for agency, *row in block:
            events.setdefault(agency, []).append(_accepted(agency, row))
        rows = Rows()
        for agency, group in events.items():
            ledger = self._ledgers[agency]
            change = ledger.apply(group, versions.following(ledger.version), today, now)
            self._local.write(change.puts)
            for table in _MADE:
                rows[table].extend(change.rows[table])
        for table in _MADE:
            if rows[table]:
                self._fresh.insert(table, rows.columns(table))

    def _commit(self) -> None:
        """Ends the write of every agency; its place in the log stays the one that it had."""
        rows, now = Rows(), instants.now_us() // 1000
        sql = "SELECT agency, topic_id, partition, next_offset, as_of, today FROM commits FINAL"
        for agency, topic_id, partition, offset, as_of, today in self._db.query(sql):
            ledger = self._ledgers.get(agency)
            if ledger is None:  # it came meanwhile; the last time it is here
                continue
            facts = (max(as_of, ledger.state.as_of), now, ledger.state.renewed or today)
            rows["commits"].append((agency, ledger.version, topic_id, partition, offset, *facts))
        if rows["commits"]:
            self._fresh.insert("commits", rows.columns("commits"))

    def _refuse_losses(self) -> None:
        """A state that no event tells of would be lost."""
        for table in schema.STATES:
            ((held,),), ((made,),) = (
                database.query(f"SELECT count() FROM {table} FINAL") for database in (self._db, self._fresh)
            )
            if made < held:
                raise RebuildRefused(f"{held - made} rows of {table} have no event: they would be lost")

    def audited(self, look: Look) -> dict[str, Any]:
        """The audit of what was made so far; RebuildRefused when anything differs."""
        found = audit(self._fresh, look=look)
        if found["different"]:
            raise RebuildRefused(
                f"{found['different']} rows differ from their second computation: see `emc audit`"
            )
        return found

    def close(self) -> None:
        """Gives up the scratch."""
        self._local.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _accepted(agency: str, row: Sequence[Any]) -> Accepted:
    kind, subject, time, id_, source, data = row
    fields: dict[str, Any] = msgspec.json.decode(data)
    valid_from = fields.pop("valid_from", None) or "1970-01-01" if kind == "procedure" else ""
    return Accepted(kind, agency, subject, valid_from, time, id_, source, fields)
