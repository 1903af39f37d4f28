"""What one step changes of an agency: the rows of its tables and the pairs of the local store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emc.catalogue import entry_values
from emc.dossier import ATTRIBUTIONS, RECEIPT, RESOLUTION, Cell, cells, signature
from emc.identifiers import dossier_month
from emc.instants import day_number, parse_date
from emc.registers import Registers, decode, encode, fold, values
from emc.sums import BASE, COUNTED, COVERED, DECLARED, DECLARED_DAYS, Sums, indices, zero
from emc.verdicts import Accepted
from streams.agencies import calendar, store
from streams.agencies.rates import RateRows
from streams.agencies.settled import Overdrawn, SettledMoves
from streams.agencies.state import AgencyState, declared_of
from streams.agencies.store import Mark, Store
from streams.batch.rows import Put, Row, Rows


class Inconsistent(Exception):
    """The local store contradicts itself: the agency's part is to be rebuilt from ClickHouse."""


class Change:
    """What one step changes: rows for ClickHouse and pairs for the local store."""

    def __init__(self, state: AgencyState, local: Store, version: int, today: int, shown_at: int) -> None:
        self._state, self._local, self._version = state, local, version
        self.rows, self.puts = Rows(), list[Put]()
        self.rates = RateRows(state, today, shown_at)
        self._shown_at = shown_at
        self._days: dict[int, Sums] = {}
        self._cells: dict[Cell, int] = {}
        self._settled = SettledMoves(state.agency, local)

    def fold_entries(self, events: Sequence[Accepted]) -> None:
        """Folds catalogue events and restates the cells of their procedures."""
        if not events:
            return
        state = self._state
        procedures = {event.subject for event in events}
        counted = [
            (cell, count, state.catalogue.on(cell.procedure, cell.day))
            for procedure in procedures
            for cell, count in self._local.cells(state.agency, procedure)
        ]
        settled = [each for name in procedures for each in self._settled.counted(name, state.catalogue)]
        self.rates.before_supply()
        for (procedure, valid_from), registers in self._folded(
            events, lambda e: (e.subject, e.valid_from), lambda k: store.entry_key(state.agency, *k)
        ):
            state.set_entry(procedure, valid_from, registers)
            self.rows["procedures"].append(
                _entry_row(state.agency, procedure, valid_from, registers, self._version)
            )
            self.rates.touch_supply(day_number(parse_date(valid_from)))
        for cell, count, before in counted:
            after = state.catalogue.on(cell.procedure, cell.day)
            if after != before:
                self._count(cell.day, indices(cell.attribution, cell.signature, before), -count)
                self._count(cell.day, indices(cell.attribution, cell.signature, after), count)
        self._settled.restate(settled, state.catalogue)

    def fold_declarations(self, events: Sequence[Accepted]) -> None:
        """Folds declarations and moves their days' counts into or out of the coverage."""
        state = self._state
        for day_text, registers in self._folded(
            events, lambda e: e.subject, lambda k: store.declaration_key(state.agency, k)
        ):
            day = day_number(parse_date(day_text))
            before, after = state.declared.get(day, (None, None)), declared_of(registers)
            sums, held = self._day(day), state.sums.get((calendar.DAY, day))
            for attribution, old, new in zip((RECEIPT, RESOLUTION), before, after, strict=True):
                base = BASE[attribution]
                counted = sums[base + COUNTED] + (held[base + COUNTED] if held else 0)
                sums[base + COVERED] += counted * ((new is not None) - (old is not None))
                sums[base + DECLARED] += (new or 0) - (old or 0)
                sums[base + DECLARED_DAYS] += (new is not None) - (old is not None)
            state.declared[day] = after
            text = encode(registers).decode()
            self.rows["declarations"].append((state.agency, day, *after, text, self._version))

    def fold_dossiers(self, events: dict[str, list[Accepted]]) -> None:
        """Folds dossier events; each dossier leaves the cells it was in and enters those it is in now."""
        agency, rows, puts = self._state.agency, self.rows["dossiers"], self.puts
        keys = [store.dossier_key(agency, dossier) for dossier in events]
        for (dossier, group), key, text in zip(events.items(), keys, self._local.get_many(keys), strict=True):
            registers: Registers = []
            if text is not None:
                registers = decode(text)
                held = values(registers)
                self._move(held, cells(held, signature(held)), -1)
            for event in group:
                conflicts = fold(registers, event.time, event.id, event.fields)
                if conflicts:
                    self._record(event, conflicts)
            held = values(registers)
            facts = signature(held)
            self._move(held, cells(held, facts), 1)
            text = encode(registers)
            puts.append((key, text))
            rows.append(dossier_row(agency, dossier, held, facts, text.decode(), self._version))

    def _move(self, held: Mapping[str, Any], places_of_it: tuple[Cell, ...], number: int) -> None:
        """A dossier with these values enters (1) or leaves (-1) its cells."""
        for cell in places_of_it:
            self._cells[cell] = self._cells.get(cell, 0) + number
        if "settled_by" in held:
            self._settled.move(held, places_of_it, number)

    def finish(self) -> None:
        """Turns the moves between cells into tallies, sums and rates."""
        self._tally()
        self._settle()
        state = self._state
        for key, delta in calendar.by_period(self._days).items():
            sums = state.sums.get(key)
            if sums is None:
                state.sums[key] = delta
            else:
                sums[:] = map(int.__add__, sums, delta)
            self.rates.touch(key, delta)
            self.puts.append((store.sums_key(state.agency, *key), store.encode_sums(state.sums[key])))
        self.rates.write(self.rows, self._version)
        state.renewed = self.rates.today
        self.puts.append(mark_of(state))

    def _tally(self) -> None:
        agency, catalogue, rows = self._state.agency, self._state.catalogue, self.rows["tallies"]
        keys = [store.cell_key(agency, cell) for cell in self._cells]
        held = self._local.get_many(keys)
        for (cell, moved), key, value in zip(self._cells.items(), keys, held, strict=True):
            count = store.decode_count(value) + moved
            if count < 0:
                raise Inconsistent(f"{agency}: a cell would hold {count} dossiers")
            rows.append(tally_row(agency, cell, count, self._version))
            if moved:
                self.puts.append((key, store.encode_count(count)))
            facts = catalogue.on(cell.procedure, cell.day)
            self._count(cell.day, indices(cell.attribution, cell.signature, facts), moved)
            if self._is_declared(cell):
                self._day(cell.day)[BASE[cell.attribution] + COVERED] += moved

    def _settle(self) -> None:
        try:
            rows, puts = self._settled.finish(self._state.catalogue, self._version)
        except Overdrawn as error:
            raise Inconsistent(str(error)) from None
        self.rows["settled"].extend(rows)
        self.puts.extend(puts)

    def _is_declared(self, cell: Cell) -> bool:
        declared = self._state.declared.get(cell.day)
        return declared is not None and declared[cell.attribution - 1] is not None

    def _day(self, day: int) -> Sums:
        sums = self._days.get(day)
        if sums is None:
            sums = self._days[day] = zero()
        return sums

    def _count(self, day: int, where: Iterable[int], number: int) -> None:
        sums = self._day(day)
        for index in where:
            sums[index] += number

    def _folded(self, events: Sequence[Accepted], name: Any, key_of: Any) -> Iterator[tuple[Any, Registers]]:
        """Each thing that the events speak of, with its registers after them; the store follows."""
        groups: dict[Any, list[Accepted]] = {}
        for event in events:
            groups.setdefault(name(event), []).append(event)
        keys = [key_of(group) for group in groups]
        for (group, members), key, held in zip(groups.items(), keys, self._local.get_many(keys), strict=True):
            registers = decode(held) if held else []
            for event in members:
                self._record(event, fold(registers, event.time, event.id, event.fields))
            self.puts.append((key, encode(registers)))
            yield group, registers

    def _record(self, event: Accepted, fields: list[str]) -> None:
        subject = f"{event.subject}@{event.valid_from}" if event.valid_from else event.subject
        for field in fields:
            row = (event.agency, event.kind, subject, field, event.time, event.id)
            self.rows["conflicts"].append((*row, self._shown_at, self._version))


def mark_of(state: AgencyState) -> Put:
    """The pair that marks an agency's part complete at its present version."""
    return store.mark_put(state.agency, Mark(str(state.version), state.as_of, state.renewed))


def tally_row(agency: str, cell: Cell, count: int, version: int) -> Row:
    """A row of `tallies`; an empty cell is marked deleted."""
    attribution = ATTRIBUTIONS[cell.attribution]
    return (agency, cell.procedure, attribution, cell.day, cell.signature, count, version, int(count == 0))


def dossier_row(
    agency: str, dossier: str, held: Mapping[str, Any], facts: int, text: str, version: int
) -> Row:
    """A row of `dossiers`: what its registers (`text`) hold, and the signature of that."""
    get = held.get
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
