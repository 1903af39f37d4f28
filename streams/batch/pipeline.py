"""From slices to a durable batch, for the agencies of the partitions at hand. One thread at a time.

The order of a batch: judge → fold → send rejected and misrouted messages → insert (events … rates, last
commits and positions) → one atomic write of the local store. The caller then commits the offsets to Kafka.
A crash anywhere is a replay, and a replay is harmless: the fold is a join and rows are absolute.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from emc import instants
from emc.identifiers import partition_of
from emc.registry import Registry
from sinks.clickhouse.database import Database
from streams.agencies import store, takeover
from streams.agencies.ledger import Change, Inconsistent, Ledger
from streams.agencies.rates import minute
from streams.agencies.reconciliation import Turns
from streams.agencies.store import Store
from streams.batch import versions
from streams.batch.commits import ReadUntil
from streams.batch.gathering import Gathered, Gatherer, Part, refused_on_its_way
from streams.batch.outbox import Outbox
from streams.batch.rollback_detector import RollbackDetector, versions_of
from streams.batch.rows import COLUMNS, Put, Rows
from streams.batch.writer import Patience, Writer
from streams.reading.lease import Lease
from streams.reading.slices import Slice
from streams.reading.topic import TopicReader

_log = logging.getLogger("emc.stream")
_MS = 1000
_COMPARED_AT_ONCE = 3


class Done(msgspec.Struct):
    """A durable batch: what to commit, and what it held.

    `steps`: seconds by step; `rejections`: agency and reason of each; `agencies`: accepted events by agency.
    """

    next_offsets: dict[int, int]
    accepted: int
    rejected: int
    forwarded: int
    steps: dict[str, float]
    rejections: list[tuple[str, str]]
    agencies: dict[str, int] = {}


class Folded(NamedTuple):
    """A batch that is folded but not yet durable: rows for ClickHouse, pairs for the local store."""

    gathered: Gathered
    rows: Rows
    puts: list[Put]


class Pipeline:
    """The stream's state and steps. Not for several threads at once."""

    def __init__(
        self,
        db: Database,
        local: Store,
        registry: Registry,
        topic: TopicReader,
        outbox: Outbox,
        patience: Patience,
    ) -> None:
        self._db, self._local, self._registry = db, local, registry
        self._outbox, self._patience = outbox, patience
        self._writer, self._detector = Writer(db, patience), RollbackDetector(db)
        self._ledgers: dict[str, Ledger] = {}
        self._turns = Turns()
        self._gatherer = Gatherer(topic.topic, registry)
        self._lease: Lease | None = None
        self._place: dict[str, ReadUntil] = {}

    def take_over(self, lease: Lease) -> bool:
        """Makes the agencies of a lease ready: from the local store, or rebuilt from ClickHouse.

        False, and nothing is done, when the lease has ended already. RestoredBehindUs when ClickHouse holds
        less by now than when reading began, so that what lies between would be passed over.
        """
        if lease.is_revoked:
            return False
        facts, mine = lease.facts, lease.partitions
        wanted = [
            code for code in self._registry.agencies if partition_of(code.encode(), facts.partitions) in mine
        ]
        found = self._patience.until_done(self._detector.committed)
        self._detector.expect(facts.topic_id, lease.positions)
        committed = {code: row.version for code, row in found.items()}
        self._place = {code: row.read_until for code, row in found.items()}
        self._ledgers = {
            code: ledger
            for code, ledger in self._ledgers.items()
            if code in wanted and committed.get(code, 0) == ledger.version
        }
        missing = [code for code in wanted if code not in self._ledgers]
        for code in missing:
            ledger = takeover.open_ledger(code, self._local, committed.get(code))
            if ledger is not None:
                self._ledgers[code] = ledger
        self._rebuild([code for code in missing if code not in self._ledgers])
        self._turns.hold(wanted, missing)
        self.renew()
        self._lease = lease
        return True

    def check(self) -> None:
        """Mends what a former owner wrote late: at once where it was a whole batch, else when it is due."""
        self._compare_commits(self._ledgers)
        today = _today()
        if any(ledger.version and ledger.renewed != today for ledger in self._ledgers.values()):
            return  # another day has begun: what depends on it is renewed first
        due = {self._turns.next() for _ in range(_COMPARED_AT_ONCE)}
        ledgers = [self._ledgers[agency] for agency in due if agency in self._ledgers]
        ledgers = [ledger for ledger in ledgers if ledger.version]
        for ledger, rows in zip(ledgers, self._rows_to_mend(ledgers, today), strict=True):
            if any(rows.by_table.values()):
                self._mend_late_writes(ledger, today)

    def _compare_commits(self, agencies: Iterable[str]) -> None:
        """Sees that ClickHouse holds what was written, and takes in what another owner wrote.

        Raises RestoredBehindUs when it holds less: what is missing must be read again.
        """
        found = self._patience.until_done(self._detector.committed)
        held = {code: self._ledgers[code].version for code in agencies if code in self._ledgers}
        committed = {code: found[code].version if code in found else 0 for code in held}
        late = [code for code, version in held.items() if committed[code] > version]
        if late:
            _log.warning("another owner wrote", extra={"agencies": late})
            self._rebuild(late)

    def _mend_late_writes(self, ledger: Ledger, today: int) -> None:
        last = self._patience.until_done(lambda: takeover.last_versions(self._db, [ledger.agency]))
        ledger.version = versions.following(max(ledger.version, last.get(ledger.agency, 0)))
        (rows,) = self._rows_to_mend([ledger], today)
        mended = {table: len(found) for table, found in rows.by_table.items() if found}
        _log.warning("late writes mended", extra={"agency": ledger.agency, "mended": mended})
        self._commit_row(rows, ledger)
        self._make_durable(rows)
        self._local.write([ledger.mark()])

    def _rows_to_mend(self, ledgers: list[Ledger], today: int) -> list[Rows]:
        if not ledgers:
            return []
        now = instants.now_us() // _MS
        return self._patience.until_done(lambda: takeover.rows_to_mend(ledgers, self._db, today, now))

    def forget(self) -> None:
        """Drops what is in memory: after a failure it may be ahead of what is stored."""
        self._ledgers, self._lease = {}, None
        self._detector.forget()

    def _make_durable(self, rows: Rows) -> None:
        written = versions_of(rows)

        def check(table: str) -> None:
            self._detector.committed(written if table == "positions" else {})

        self._writer.write(rows, check)
        self._detector.wrote(rows)

    def agencies(self) -> frozenset[str]:
        """The agencies at hand that have rows. For any thread."""
        return frozenset(code for code, ledger in list(self._ledgers.items()) if ledger.version)

    def mend(self, agency: str, only_unfinished: bool) -> bool:
        """Rebuilds an agency from ClickHouse; false when it is no longer ours, or nothing is unfinished.

        No batch is under way, so a version above the one committed belongs to a write that will not end.
        """
        ledger = self._ledgers.get(agency)
        found = self._patience.until_done(self._detector.committed).get(agency)
        committed = found.version if found else 0
        if ledger is None or ledger.version != committed:
            return False
        last = self._patience.until_done(lambda: takeover.last_versions(self._db, [agency], events=True))
        if not last.get(agency) or (only_unfinished and last[agency] <= committed):
            return False
        del self._ledgers[agency]  # should this fail, the agency's next event rebuilds it
        self._rebuild_together({agency: last[agency]})
        return True

    def _rebuild(self, agencies: list[str]) -> None:
        if not agencies:
            return
        last = self._patience.until_done(lambda: takeover.last_versions(self._db, agencies))
        for agency in agencies:
            if not last.get(agency):
                self._local.drop(agency)
                self._ledgers[agency] = Ledger(agency, self._local)
        known = [agency for agency in agencies if last.get(agency)]
        for group in self._patience.until_done(lambda: takeover.together(self._db, known)):
            self._rebuild_together({agency: last[agency] for agency in group})

    def _rebuild_together(self, last: Mapping[str, int]) -> None:
        """Rebuilds agencies that have rows, with the greatest version of each."""
        today, now = _today(), instants.now_us() // _MS
        rebuilt = self._patience.until_done(
            lambda: takeover.rebuild_ledgers(last, self._local, self._db, today, now)
        )
        rows, mended = Rows(), dict[str, dict[str, int]]()
        for ledger, found in rebuilt:
            for table, to_mend in found.by_table.items():
                rows[table].extend(to_mend)
            mended[ledger.agency] = {table: len(each) for table, each in found.by_table.items() if each}
            self._commit_row(rows, ledger)
        _log.info("rebuilt", extra={"agencies": list(last), "mended": mended})
        self._make_durable(rows)
        self._local.write([ledger.mark() for ledger, _ in rebuilt])
        self._ledgers |= {ledger.agency: ledger for ledger, _ in rebuilt}

    def gather(self, slices: Sequence[Slice]) -> Gathered:
        """Reads and judges slices. Without state: may run in another thread, beside `write`."""
        clock = _Clock()
        gathered = self._gatherer.gather(slices)
        clock.mark("judge")
        gathered.steps = clock.steps
        return gathered

    def fold(self, gathered: Gathered) -> Folded | None:
        """Moves the state in memory by a batch; nothing of it is durable before `write`.

        None, and nothing is moved, when the batch's lease has ended.
        """
        if gathered.lease.is_revoked:
            return None
        assert gathered.lease is self._lease, "a batch is folded under the lease that was taken over"
        clock = _Clock()
        self._compare_commits(gathered.parts)
        rows, puts = self._fold(gathered)
        clock.mark("fold")
        gathered.steps |= clock.steps
        return Folded(gathered, rows, puts)

    def write(self, folded: Folded) -> Done:
        """Makes a batch durable; raises Stopped when the worker is to end first (Kafka still has it)."""
        clock, gathered = _Clock(), folded.gathered
        self._deliver(folded)
        clock.mark("send")
        self._make_durable(folded.rows)
        clock.mark("insert")
        self._local.write(folded.puts)
        clock.mark("store")
        return Done(
            gathered.next_offsets,
            gathered.accepted,
            gathered.rejected,
            gathered.forwarded,
            gathered.steps | clock.steps,
            [(row[0], row[1]) for row in gathered.rejections],
            {agency: len(part.events) for agency, part in gathered.parts.items()},
        )

    def _deliver(self, folded: Folded) -> None:
        """Sends what goes elsewhere; refused is what its own partition does not take."""
        gathered = folded.gathered
        left = self._patience.until_done(lambda: self._outbox.deliver(gathered.letters))
        refusals = [refused_on_its_way(letter) for letter in left]
        self._patience.until_done(lambda: self._outbox.deliver([letter for letter, _ in refusals]))
        rows = [row for _, row in refusals]
        folded.rows["rejections"].extend(rows)
        gathered.rejections.extend(rows)
        gathered.rejected, gathered.forwarded = gathered.rejected + len(rows), gathered.forwarded - len(rows)

    def _fold(self, gathered: Gathered) -> tuple[Rows, list[Put]]:
        rows, puts, now = Rows(), list[Put](), instants.now_us() // _MS
        topic_id = gathered.lease.facts.topic_id
        for agency, part in gathered.parts.items():
            change = self._applied(agency, part, now)
            _add(rows, puts, change)
            ledger = self._ledgers[agency]
            self._place[agency] = ReadUntil(topic_id, part.partition, part.offset + 1)
            self._commit_row(rows, ledger)
            for source, (time_, arrival) in part.heard.items():
                held = ledger.sources.get(source, (0, 0))
                ledger.sources[source] = latest = (max(held[0], time_), max(held[1], arrival))
                puts.append(store.source_put(agency, source, *latest))
                rows["sources"].append((agency, source, *latest, ledger.version))
        rows["events"].extend((*row, self._ledgers[row[0]].version) for row in gathered.rows)
        rows["rejections"].extend(gathered.rejections)
        rows["positions"].extend((topic_id, *position, now) for position in gathered.next_offsets.items())
        return rows, puts

    def _applied(self, agency: str, part: Part, now: int) -> Change:
        """Folds an agency's events; if its local part turns out broken, after rebuilding that."""
        if agency not in self._ledgers:
            self._rebuild([agency])
        ledger, place = self._ledgers[agency], (part.arrived_ms, part.offset)
        try:
            return ledger.apply(part.events, versions.following(ledger.version, *place), _today(), now)
        except Inconsistent as error:
            _log.error("local store discarded", extra={"reason": str(error)})
            self._rebuild([agency])
        ledger = self._ledgers[agency]
        return ledger.apply(part.events, versions.following(ledger.version, *place), _today(), now)

    def _commit_row(self, rows: Rows, ledger: Ledger) -> None:
        place = self._place.get(ledger.agency, ReadUntil())
        now = instants.now_us() // _MS
        facts = (ledger.as_of, now, ledger.renewed)
        rows["commits"].append((ledger.agency, ledger.version, *place, *facts))
        rows["freshness"].append((ledger.agency, minute(now), ledger.as_of, ledger.version))

    def renew(self) -> None:
        """Writes the supply of the current periods anew for agencies whose last renewal was another day."""
        today, now = _today(), instants.now_us() // _MS
        rows, puts = Rows(), list[Put]()
        for ledger in self._ledgers.values():
            if ledger.version and ledger.renewed != today:
                _add(rows, puts, ledger.renew(versions.following(ledger.version), today, now))
                self._commit_row(rows, ledger)
        if puts:
            self._make_durable(rows)
            self._local.write(puts)

    def positions(self, topic_id: str) -> Mapping[int, int]:
        """Where ClickHouse says that reading this topic goes on, by partition."""
        sql = "SELECT partition, next_offset FROM positions FINAL WHERE topic_id = {topic_id:String}"
        return dict(self._db.query(sql, {"topic_id": topic_id}))

    def close(self) -> None:
        """Ends the inserting threads and the outbox; the local store is closed by its owner."""
        self._writer.close()
        self._outbox.close()


def _today() -> int:
    return instants.day_number(instants.today())


def _add(rows: Rows, puts: list[Put], change: Change) -> None:
    for table in COLUMNS:
        rows[table].extend(change.rows[table])
    puts.extend(change.puts)


class _Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, step: str) -> None:
        now = time.perf_counter()
        self.steps[step] = now - self._last
        self._last = now
