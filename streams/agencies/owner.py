"""Who holds the agencies of a lease: the only place where ledgers are opened, moved and given up.

All of it runs on the stream thread, one call after the other.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping

from emc.identifiers import partition_of
from emc.registry import Registry
from streams.agencies import store, takeover
from streams.agencies.change import Change, Inconsistent
from streams.agencies.ledger import Ledger
from streams.agencies.moments import now_ms, today
from streams.agencies.questions import Questions
from streams.agencies.rates import minute
from streams.agencies.reconciliation import ReconciliationSchedule
from streams.agencies.state import AgencyState
from streams.agencies.store import Store
from streams.batch import versions
from streams.batch.batch import Batch, Durability
from streams.batch.commits import ReadUntil
from streams.batch.gathering import AgencyEvents, Gathered
from streams.batch.steps import StepClock
from streams.reading.lease import Lease

_log = logging.getLogger("emc.stream")
_COMPARED_AT_ONCE = 3


class Owner:
    """Holds the ledgers of the agencies whose partitions this worker has."""

    def __init__(
        self,
        questions: Questions,
        local: Store,
        registry: Registry,
        durability: Durability,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._questions, self._local = questions, local
        self._registry, self._durability = registry, durability
        self._lease: Lease | None = None
        self._ledgers: dict[str, Ledger] = {}
        self._read_until: dict[str, ReadUntil] = {}
        self._schedule = ReconciliationSchedule(clock)

    def take_over(self, lease: Lease) -> bool:
        """Makes the agencies of a lease ready: from the local store, or rebuilt from ClickHouse.

        False, and nothing is done, when the lease has ended already. RestoredBehindUs when ClickHouse holds
        less by now than when reading began, so that what lies between would be passed over.
        """
        if lease.is_revoked:
            return False
        wanted = self._agencies_of(lease)
        found = self._questions.committed()
        self._questions.expect(lease.facts.topic_id, lease.positions)
        self._questions.learn_erased()
        self._read_until = {code: row.read_until for code, row in found.items()}
        committed = {code: row.version for code, row in found.items()}
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
        opened = [code for code in missing if code in self._ledgers]
        self._rebuild([code for code in missing if code not in self._ledgers])
        self._end_writes(opened, committed)
        self._schedule.hold(wanted, missing)
        self.renew()
        self._lease = lease
        return True

    def _end_writes(self, agencies: list[str], committed: Mapping[str, int]) -> None:
        """Mends what a write left that never ended: a cell that it passed through need not be met again."""
        for agency, last in self._questions.last_versions(agencies).items():
            if last > committed.get(agency, 0):
                self._mend(self._ledgers[agency], "unfinished writes mended")

    def _agencies_of(self, lease: Lease) -> list[str]:
        """The agencies whose messages belong into the lease's partitions."""
        mine, number = lease.partitions, lease.facts.partitions
        return [code for code in self._registry.agencies if partition_of(code.encode(), number) in mine]

    def forget(self) -> None:
        """Drops what is in memory: after a failure it may be ahead of what is stored."""
        self._ledgers, self._lease = {}, None
        self._questions.forget()

    def discard_store(self) -> None:
        """Begins the local store anew: it is broken. Every agency is then rebuilt from ClickHouse."""
        self._local.discard()

    def close(self) -> None:
        """Gives the local store free."""
        self._local.close()

    def agencies(self) -> frozenset[str]:
        """The agencies at hand that have rows. For any thread."""
        return frozenset(code for code, ledger in list(self._ledgers.items()) if ledger.version)

    def fold(self, gathered: Gathered) -> Batch | None:
        """Moves the state in memory by what was gathered; nothing of it is durable yet.

        None, and nothing is moved, when its lease has ended.
        """
        if gathered.lease.is_revoked:
            return None
        assert gathered.lease is self._lease, "what is folded was read under the lease that was taken over"
        clock, batch, now = StepClock(), Batch(gathered), now_ms()
        self._compare_commits(gathered.by_agency)
        rows, topic_id = batch.rows, gathered.lease.facts.topic_id
        for agency, group in gathered.by_agency.items():
            self._read_until[agency] = ReadUntil(topic_id, group.partition, group.offset + 1)
            self._fold_group(batch, agency, group, now)
        rows["events"].extend((*row, self._ledgers[row[0]].version) for row in gathered.rows)
        rows["rejections"].extend(gathered.rejections)
        rows["positions"].extend((topic_id, *position, now) for position in gathered.next_offsets.items())
        clock.mark("fold")
        gathered.steps |= clock.seconds
        return batch

    def _fold_group(self, batch: Batch, agency: str, group: AgencyEvents, now: int) -> None:
        change = self._applied(agency, group, now)
        batch.add(change.rows, change.puts)
        state = self._ledgers[agency].state
        self._commit_row(batch, state)
        for source, heard in group.heard.items():
            latest = state.hear(source, *heard)
            batch.puts.append(store.source_put(agency, source, *latest))
            batch.rows["sources"].append((agency, source, *latest, state.version))

    def _applied(self, agency: str, group: AgencyEvents, now: int) -> Change:
        """Folds an agency's events; if its local part turns out broken, after rebuilding that."""
        if agency not in self._ledgers:
            self._rebuild([agency])
        try:
            return self._apply(agency, group, now)
        except Inconsistent as error:
            _log.error("local store discarded", extra={"reason": str(error)})
            self._rebuild([agency])
        return self._apply(agency, group, now)

    def _apply(self, agency: str, group: AgencyEvents, now: int) -> Change:
        ledger = self._ledgers[agency]
        version = versions.following(ledger.version, group.arrived_ms, group.offset)
        return ledger.apply(group.events, version, today(), now)

    def renew(self) -> None:
        """Writes the supply of the current periods anew for agencies whose last renewal was another day."""
        day, now, batch = today(), now_ms(), Batch()
        for ledger in self._ledgers.values():
            if ledger.is_due(day):
                change = ledger.renew(versions.following(ledger.version), day, now)
                batch.add(change.rows, change.puts)
                self._commit_row(batch, ledger.state)
        if batch.puts:
            self._durability.make_durable(batch)

    def compare(self) -> None:
        """Mends what a former owner wrote late: at once where it was a whole batch, else when it is due."""
        self._compare_commits(self._ledgers)
        day = today()
        if any(ledger.is_due(day) for ledger in self._ledgers.values()):
            return  # another day has begun: what depends on it is renewed first
        due = {self._schedule.next() for _ in range(_COMPARED_AT_ONCE)}
        ledgers = [self._ledgers[agency] for agency in due if agency in self._ledgers]
        ledgers = [ledger for ledger in ledgers if ledger.version]
        for ledger, rows in zip(ledgers, self._questions.to_mend(ledgers, day, now_ms()), strict=True):
            if any(rows.by_table.values()):
                self._mend(ledger, "late writes mended")

    def _compare_commits(self, agencies: Iterable[str]) -> None:
        """Sees that ClickHouse holds what was written, and takes in what another owner wrote.

        Raises RestoredBehindUs when it holds less: what is missing must be read again.
        """
        found = self._questions.committed()
        held = {code: self._ledgers[code].version for code in agencies if code in self._ledgers}
        late = [code for code, version in held.items() if code in found and found[code].version > version]
        if late:
            _log.warning("another owner wrote", extra={"agencies": late})
            self._rebuild(late)

    def _mend(self, ledger: Ledger, message: str) -> None:
        """Writes what the tables hold otherwise than the ledger, above whatever version they have."""
        last = self._questions.last_versions([ledger.agency])
        ledger.state.advance(versions.following(max(ledger.version, last.get(ledger.agency, 0))))
        (rows,) = self._questions.to_mend([ledger], today(), now_ms())
        mended = {table: len(found) for table, found in rows.by_table.items() if found}
        _log.warning(message, extra={"agency": ledger.agency, "mended": mended})
        batch = Batch()
        batch.add(rows, [ledger.mark()])
        self._commit_row(batch, ledger.state)
        self._durability.make_durable(batch)

    def mend(self, agency: str, only_unfinished: bool) -> bool:
        """Rebuilds an agency from ClickHouse; false when it is no longer ours, or nothing is unfinished.

        No batch is under way, so a version above the one committed belongs to a write that will not end.
        """
        ledger = self._ledgers.get(agency)
        found = self._questions.committed().get(agency)
        committed = found.version if found else 0
        if ledger is None or ledger.version != committed:
            return False
        last = self._questions.last_versions([agency], events=True)
        if not last.get(agency) or (only_unfinished and last[agency] <= committed):
            return False
        del self._ledgers[agency]  # should this fail, the agency's next event rebuilds it
        self._rebuild_together({agency: last[agency]})
        return True

    def _rebuild(self, agencies: list[str]) -> None:
        if not agencies:
            return
        last = self._questions.last_versions(agencies)
        for agency in agencies:
            if not last.get(agency):
                self._local.drop(agency)
                self._ledgers[agency] = Ledger(AgencyState(agency), self._local)
        known = [agency for agency in agencies if last.get(agency)]
        for group in self._questions.together(known):
            self._rebuild_together({agency: last[agency] for agency in group})

    def _rebuild_together(self, last: Mapping[str, int]) -> None:
        """Rebuilds agencies that have rows, with the greatest version of each."""
        rebuilt = self._questions.rebuilt(last, self._local, today(), now_ms())
        batch, mended = Batch(), dict[str, dict[str, int]]()
        for ledger, found in rebuilt:
            batch.add(found, [ledger.mark()])
            mended[ledger.agency] = {table: len(each) for table, each in found.by_table.items() if each}
            self._commit_row(batch, ledger.state)
        _log.info("rebuilt", extra={"agencies": list(last), "mended": mended})
        self._durability.make_durable(batch)
        self._ledgers |= {ledger.agency: ledger for ledger, _ in rebuilt}

    def _commit_row(self, batch: Batch, state: AgencyState) -> None:
        read_until, now = self._read_until.get(state.agency, ReadUntil()), now_ms()
        facts = (state.as_of, now, state.renewed)
        batch.rows["commits"].append((state.agency, state.version, *read_until, *facts))
        batch.rows["freshness"].append((state.agency, minute(now), state.as_of, state.version))
