"""One agency's part of the state, and the step that moves it: events in, absolute rows out.

The order inside a batch: catalogue entries (they restate what is counted already), declarations, then
dossiers, each moving from cell to cell. Every row that an event touches is written, also when it ends as it
was: a late write of an old owner is then overwritten by the next owner's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emc.catalogue import Catalogue, entry_facts, entry_values
from emc.dossier import ATTRIBUTIONS, RECEIPT, RESOLUTION, Cell, cells, signature
from emc.identifiers import dossier_month
from emc.instants import day_number, parse_date
from emc.registers import Registers, decode, encode, fold, values
from emc.sums import BASE, COUNTED, COVERED, DECLARED, DECLARED_DAYS, Sums, places, zero
from emc.verdicts import Accepted
from streams.agencies import calendar, store
from streams.agencies.rates import RateRows
from streams.agencies.store import Mark, Store
from streams.batch.rows import Put, Row, Rows

Declared = tuple[int | None, int | None]


class Inconsistent(Exception):
    """The local store contradicts itself: the agency's part is to be rebuilt from ClickHouse."""


class Ledger:
    """The part of one agency: what must be at hand in memory, over the local store for the rest."""

    def __init__(self, agency: str, local: Store) -> None:
        self.agency = agency
        self.version = 0
        self.as_of = 0
        self.renewed = 0
        self.sources: dict[str, tuple[int, int]] = {}
        self.catalogue = Catalogue()
        self.declared: dict[int, Declared] = {}
        self.sums: dict[calendar.Key, Sums] = {}
        self.local = local

    def mark(self) -> Put:
        """The pair that marks the part complete at the present version."""
        mark = Mark(str(self.version), self.as_of, self.renewed)
        return store.mark_put(self.agency, mark)

    def set_entry(self, procedure: str, valid_from: str, registers: Registers) -> None:
        """Takes a catalogue entry into the catalogue."""
        self.catalogue.set(procedure, day_number(parse_date(valid_from)), entry_facts(registers))

    def set_declaration(self, day: int, registers: Registers) -> None:
        """Takes a day's declaration as what is declared for that day."""
        self.declared[day] = _declared(registers)

    def apply(self, events: Sequence[Accepted], version: int, today: int, shown_at: int) -> "Change":
        """Folds a batch of this agency's events; `version` is that of all rows that come of it.

        Raises Inconsistent when the local store cannot be right; nothing may then be kept of this ledger.
        """
        change = Change(self, version, today, shown_at)
        if self.renewed not in (0, today):
            change.rates.renew()
        dossiers: dict[str, list[Accepted]] = {}
        others: dict[str, list[Accepted]] = {"procedure": [], "declaration": [], "heartbeat": []}
        for event in events:
            if event.kind == "dossier":
                dossiers.setdefault(event.subject, []).append(event)
            else:
                others[event.kind].append(event)
            if event.time > self.as_of and event.kind != "heartbeat":
                self.as_of = event.time
        change.fold_entries(others["procedure"])
        change.fold_declarations(others["declaration"])
        change.fold_dossiers(dossiers)
        self.version = version
        change.finish()
        return change

    def renew(self, version: int, today: int, shown_at: int) -> "Change":
        """Writes what depends on which day it is anew: the supply rows of the periods that are not over."""
        change = Change(self, version, today, shown_at)
        self.version = version
        change.rates.renew()
        change.finish()
        return change


class Change:
    """What one step changes: rows for ClickHouse and pairs for the local store."""

    def __init__(self, ledger: Ledger, version: int, today: int, shown_at: int) -> None:
        self.ledger, self.version = ledger, version
        self.rows, self.puts = Rows(), list[Put]()
        self.rates = RateRows(ledger, today, shown_at)
        self._shown_at = shown_at
        self._days: dict[int, Sums] = {}
        self._cells: dict[Cell, int] = {}

    def fold_entries(self, events: Sequence[Accepted]) -> None:
        """Folds catalogue events and restates the cells of their procedures."""
        if not events:
            return
        ledger = self.ledger
        procedures = {event.subject for event in events}
        counted = [
            (cell, count, ledger.catalogue.on(cell.procedure, cell.day))
            for procedure in procedures
            for cell, count in ledger.local.cells(ledger.agency, procedure)
        ]
        self.rates.before_supply()
        for (procedure, valid_from), registers in self._folded(
            events, lambda e: (e.subject, e.valid_from), lambda k: store.entry_key(ledger.agency, *k)
        ):
            ledger.set_entry(procedure, valid_from, registers)
            self.rows["procedures"].append(
                _entry_row(ledger.agency, procedure, valid_from, registers, self.version)
            )
            self.rates.touch_supply(day_number(parse_date(valid_from)))
        for cell, count, before in counted:
            after = ledger.catalogue.on(cell.procedure, cell.day)
            if after != before:
                self._count(cell.day, places(cell.attribution, cell.signature, before), -count)
                self._count(cell.day, places(cell.attribution, cell.signature, after), count)

    def fold_declarations(self, events: Sequence[Accepted]) -> None:
        """Folds declarations and moves their days' counts into or out of the coverage."""
        ledger = self.ledger
        for day_text, registers in self._folded(
            events, lambda e: e.subject, lambda k: store.declaration_key(ledger.agency, k)
        ):
            day = day_number(parse_date(day_text))
            before, after = ledger.declared.get(day, (None, None)), _declared(registers)
            sums, held = self._day(day), ledger.sums.get((calendar.DAY, day))
            for attribution, old, new in zip((RECEIPT, RESOLUTION), before, after, strict=True):
                base = BASE[attribution]
                counted = sums[base + COUNTED] + (held[base + COUNTED] if held else 0)
                sums[base + COVERED] += counted * ((new is not None) - (old is not None))
                sums[base + DECLARED] += (new or 0) - (old or 0)
                sums[base + DECLARED_DAYS] += (new is not None) - (old is not None)
            ledger.declared[day] = after
            text = encode(registers).decode()
            self.rows["declarations"].append((ledger.agency, day, *after, text, self.version))

    def fold_dossiers(self, events: dict[str, list[Accepted]]) -> None:
        """Folds dossier events; each dossier leaves the cells it was in and enters those it is in now."""
        agency, rows, puts, moved = self.ledger.agency, self.rows["dossiers"], self.puts, self._cells
        keys = [store.dossier_key(agency, dossier) for dossier in events]
        for (dossier, group), key, text in zip(
            events.items(), keys, self.ledger.local.get_many(keys), strict=True
        ):
            registers: Registers = []
            if text is not None:
                registers = decode(text)
                state = values(registers)
                for cell in cells(state, signature(state)):
                    moved[cell] = moved.get(cell, 0) - 1
            for event in group:
                conflicts = fold(registers, event.time, event.id, event.fields)
                if conflicts:
                    self._record(event, conflicts)
            state = values(registers)
            facts = signature(state)
            for cell in cells(state, facts):
                moved[cell] = moved.get(cell, 0) + 1
            text = encode(registers)
            puts.append((key, text))
            rows.append(_dossier_row(agency, dossier, state, facts, text.decode(), self.version))

    def finish(self) -> None:
        """Turns the moves between cells into tallies, sums and rates."""
        self._tally()
        ledger = self.ledger
        for key, delta in calendar.by_period(self._days).items():
            sums = ledger.sums.get(key)
            if sums is None:
                ledger.sums[key] = delta
            else:
                sums[:] = map(int.__add__, sums, delta)
            self.rates.touch(key, delta)
            self.puts.append((store.sums_key(ledger.agency, *key), store.encode_sums(ledger.sums[key])))
        self.rates.write(self.rows, self.version)
        ledger.renewed = self.rates.today
        self.puts.append(ledger.mark())

    def _tally(self) -> None:
        agency, catalogue, rows = self.ledger.agency, self.ledger.catalogue, self.rows["tallies"]
        keys = [store.cell_key(agency, cell) for cell in self._cells]
        held = self.ledger.local.get_many(keys)
        for (cell, moved), key, value in zip(self._cells.items(), keys, held, strict=True):
            count = store.decode_count(value) + moved
            if count < 0:
                raise Inconsistent(f"{agency}: a cell would hold {count} dossiers")
            rows.append(tally_row(agency, cell, count, self.version))
            if moved:
                self.puts.append((key, store.encode_count(count)))
            facts = catalogue.on(cell.procedure, cell.day)
            self._count(cell.day, places(cell.attribution, cell.signature, facts), moved)
            if self._is_declared(cell):
                self._day(cell.day)[BASE[cell.attribution] + COVERED] += moved

    def _is_declared(self, cell: Cell) -> bool:
        declared = self.ledger.declared.get(cell.day)
        return declared is not None and declared[cell.attribution - 1] is not None

    def _day(self, day: int) -> Sums:
        sums = self._days.get(day)
        if sums is None:
            sums = self._days[day] = zero()
        return sums

    def _count(self, day: int, where: Iterable[int], number: int) -> None:
        sums = self._day(day)
        for place in where:
            sums[place] += number

    def _folded(self, events: Sequence[Accepted], name: Any, key_of: Any) -> Iterator[tuple[Any, Registers]]:
        """Each thing that the events speak of, with its registers after them; the store follows."""
        groups: dict[Any, list[Accepted]] = {}
        for event in events:
            groups.setdefault(name(event), []).append(event)
        keys = [key_of(group) for group in groups]
        for (group, members), key, held in zip(
            groups.items(), keys, self.ledger.local.get_many(keys), strict=True
        ):
            registers = decode(held) if held else []
            for event in members:
                self._record(event, fold(registers, event.time, event.id, event.fields))
            self.puts.append((key, encode(registers)))
            yield group, registers

    def _record(self, event: Accepted, fields: list[str]) -> None:
        subject = f"{event.subject}@{event.valid_from}" if event.valid_from else event.subject
        for field in fields:
            row = (event.agency, event.kind, subject, field, event.time, event.id)
            self.rows["conflicts"].append((*row, self._shown_at, self.version))


def tally_row(agency: str, cell: Cell, count: int, version: int) -> Row:
    """A row of `tallies`; an empty cell is marked deleted."""
    attribution = ATTRIBUTIONS[cell.attribution]
    return (agency, cell.procedure, attribution, cell.day, cell.signature, count, version, int(count == 0))


def _declared(registers: Registers) -> Declared:
    held = values(registers)
    return held.get("received"), held.get("resolved")


def _dossier_row(
    agency: str, dossier: str, state: Mapping[str, Any], facts: int, text: str, version: int
) -> Row:
    get = state.get
    return (
        agency,
        dossier,
        dossier_month(dossier),
        get("procedure") or "",
        get("unit") or "",
        get("channel") or "",
        get("status") or 0,
        get("submitted_at"),
        get("received_at"),
        get("due_at"),
        get("resolved_at"),
        get("returned_at"),
        get("electronic_result") or False,
        get("result_signed") or False,
        get("identified") or False,
        get("fee_due") or False,
        get("paid_online") or False,
        get("removed") or False,
        get("settled_by") or "",
        get("claimed_level") or "",
        facts,
        text,
        version,
    )


def _entry_row(agency: str, procedure: str, valid_from: str, registers: Registers, version: int) -> Row:
    effective = entry_values(registers).values()
    text = encode(registers).decode()
    return (agency, procedure, day_number(parse_date(valid_from)), *effective, text, version)
