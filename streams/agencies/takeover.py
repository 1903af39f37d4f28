"""Taking over an agency: from the local store where it is as new as ClickHouse, else rebuilt from there.

A rebuild reads every register of the agency, recounts its cells and sums, and writes back what `tallies`
and `rates` hold otherwise: after it, all of the agency's tables tell the same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from emc.dossier import RECEIPT, RESOLUTION, Cell, cells, signature
from emc.instants import date_of_day, day_number, parse_date
from emc.registers import decode, values
from emc.settling import ITSELF, SettledCell, settler_of
from emc.sums import BASE, COUNTED, COVERED, DECLARED, DECLARED_DAYS, Sums, indices, zero
from sinks.clickhouse.database import Database
from streams.agencies import calendar, store
from streams.agencies.change import dossier_row
from streams.agencies.ledger import Ledger
from streams.agencies.mending import cells_and_rates_to_mend, mend_history, settled_to_mend
from streams.agencies.settled import Counted, settled_sums
from streams.agencies.state import AgencyState
from streams.agencies.store import Store
from streams.agencies.tables import read
from streams.batch import versions
from streams.batch.rows import Put, Row, Rows

_CHUNK = 20_000
_DOSSIERS = """
    SELECT agency, dossier, registers, signature FROM dossiers FINAL WHERE agency IN {agencies:Array(String)}
"""
_CELLS_AT_ONCE = 100_000
"""Of agencies that are rebuilt together: a query's planning takes longer than most agencies' rows."""


def open_ledger(agency: str, local: Store, committed: int | None) -> Ledger | None:
    """The agency's ledger from the local store, or None when its version is not the one committed."""
    mark = local.mark(agency)
    if mark is None or int(mark.version) != committed:
        return None
    state = AgencyState(agency, committed)
    state.as_of, state.renewed = mark.as_of, mark.renewed
    state.sources = dict(local.sources(agency))
    state.sums = dict(local.sums(agency))
    for key, text in local.scan(f"{agency}p".encode()):
        procedure, _, valid_from = key[4:].decode().partition("\0")
        state.set_entry(procedure, valid_from, decode(text))
    for key, text in local.scan(f"{agency}q".encode()):
        state.set_declaration(day_number(parse_date(key[4:].decode())), decode(text))
    return Ledger(state, local)


def together(db: Database, agencies: Iterable[str]) -> list[list[str]]:
    """The agencies in groups that are small enough to be rebuilt at once."""
    sql = "SELECT agency, count() FROM tallies WHERE agency IN {agencies:Array(String)} GROUP BY agency"
    counted: dict[str, int] = dict(db.query(sql, {"agencies": list(agencies)}))
    groups, room = list[list[str]](), 0
    for agency in agencies:
        cells_held = counted.get(agency, 0)
        if not groups or cells_held > room:
            groups.append([])
            room = _CELLS_AT_ONCE
        groups[-1].append(agency)
        room -= cells_held
    return groups


def rebuild_ledgers(
    last: Mapping[str, int], local: Store, db: Database, today: int, shown_at: int
) -> list[tuple[Ledger, Rows]]:
    """Ledgers from ClickHouse, the local store filled with them, and the rows to write back.

    `last`: the agencies, each with the greatest version that any of its rows has. The rows bear the one
    after it; they are to be written, and then the ledger's mark, before anything is folded. Without that the
    rebuild is repeated, which is harmless. `shown_at` (ms): when what is mended is shown.
    """
    for agency in last:
        local.drop(agency)
    states = {agency: AgencyState(agency) for agency in last}
    _load_small(states, local, db)
    counted, settled, outdated = _load_dossiers(states, local, db)
    for agency, state in states.items():
        cells_counted = counted[agency].items()
        _write(local, [(store.cell_key(agency, cell), store.encode_count(n)) for cell, n in cells_counted])
        state.sums = _sums(state, counted[agency])
        by_period = state.sums.items()
        _write(local, [(store.sums_key(agency, *key), store.encode_sums(sums)) for key, sums in by_period])
        _write(local, list(_settled_puts(state, settled[agency])))
        state.advance(versions.following(last[agency]))
    found = cells_and_rates_to_mend(states, counted, db, today)
    settled_to_mend(states, settled, found, db)
    for agency, dossiers in outdated.items():
        found[agency]["dossiers"].extend(_dossier_rows(states[agency], dossiers))
    mend_history(states, found, db, today, shown_at)
    for state in states.values():
        state.renewed = today
    return [(Ledger(states[agency], local), rows) for agency, rows in found.items()]


def _load_small(states: Mapping[str, AgencyState], local: Store, db: Database) -> None:
    """Catalogue, declarations, sources and freshness."""
    entries = read(db, "procedures", "procedure, valid_from, registers", states)
    declarations = read(db, "declarations", "day, registers", states)
    sources = read(db, "sources", "source, last_time, last_arrival", states)
    commits = read(db, "commits", "as_of", states)
    for agency, state in states.items():
        puts = list[Put]()
        for procedure, valid_from, text in entries[agency]:
            day = date_of_day(valid_from).isoformat()
            state.set_entry(procedure, day, decode(text))
            puts.append((store.entry_key(agency, procedure, day), text.encode()))
        for day, text in declarations[agency]:
            state.set_declaration(day, decode(text))
            puts.append((store.declaration_key(agency, date_of_day(day).isoformat()), text.encode()))
        for source, time, arrival in sources[agency]:
            state.sources[source] = (time, arrival)
            puts.append(store.source_put(agency, source, time, arrival))
        _write(local, puts)
        state.as_of = max((as_of for (as_of,) in commits[agency]), default=0)


class _Loaded(NamedTuple):
    """What was found of the dossiers, by agency: cells, of these those that other agencies settle, and the
    dossiers (with their registers) whose row a worker wrote that knew fewer facts.
    """

    counted: dict[str, Counter[Cell]]
    settled: dict[str, Counter[SettledCell]]
    outdated: dict[str, list[tuple[str, str]]]


def _load_dossiers(agencies: Iterable[str], local: Store, db: Database) -> _Loaded:
    """Every dossier into the local store; the cells that they are in, counted."""
    counted = {agency: Counter[Cell]() for agency in agencies}
    settled = {agency: Counter[SettledCell]() for agency in counted}
    outdated: dict[str, list[tuple[str, str]]] = {agency: [] for agency in counted}
    for block in db.stream(_DOSSIERS, {"agencies": list(counted)}):
        puts = list[Put]()
        for agency, dossier, text, stored in block:
            held = values(decode(text))
            facts = signature(held)
            if facts != stored:
                outdated[agency].append((dossier, text))
            cells_of_it = cells(held, facts)
            counted[agency].update(cells_of_it)
            if (settler := settler_of(held, agency)) != ITSELF:
                settled[agency].update(SettledCell(settler, cell) for cell in cells_of_it)
            puts.append((store.dossier_key(agency, dossier), text.encode()))
        _write(local, puts)
    return _Loaded(counted, settled, outdated)


def _dossier_rows(state: AgencyState, dossiers: Iterable[tuple[str, str]]) -> Iterator[Row]:
    for dossier, text in dossiers:
        held = values(decode(text))
        yield dossier_row(state.agency, dossier, held, signature(held), text, state.version)


def _settled_puts(state: AgencyState, counted: Counted) -> Iterator[Put]:
    """The pairs of the cells and the sums of what other agencies settle."""
    for settled, count in counted.items():
        yield store.settled_cell_key(state.agency, settled), store.encode_count(count)
    for (settler, key), sums in settled_sums(counted, state.catalogue).items():
        yield store.settled_sums_key(state.agency, settler, *key), store.encode_sums(sums)


def _sums(state: AgencyState, counted: Mapping[Cell, int]) -> dict[calendar.Key, Sums]:
    days: dict[int, Sums] = {}
    for cell, count in counted.items():
        sums = days.setdefault(cell.day, zero())
        facts = state.catalogue.on(cell.procedure, cell.day)
        for index in indices(cell.attribution, cell.signature, facts):
            sums[index] += count
    for day, declared in state.declared.items():
        sums = days.setdefault(day, zero())
        for attribution, number in zip((RECEIPT, RESOLUTION), declared, strict=True):
            if number is not None:
                base = BASE[attribution]
                sums[base + COVERED] = sums[base + COUNTED]
                sums[base + DECLARED] += number
                sums[base + DECLARED_DAYS] += 1
    return calendar.by_period(days)


def _write(local: Store, puts: list[Put]) -> None:
    for at in range(0, len(puts), _CHUNK):
        local.write(puts[at : at + _CHUNK])
