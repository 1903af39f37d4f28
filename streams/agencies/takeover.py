"""Taking over an agency: from the local store where it is as new as ClickHouse, else rebuilt from there.

A rebuild reads every register of the agency, recounts its cells and sums, and writes back what `tallies`
and `rates` hold otherwise: after it, all of the agency's tables tell the same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emc.dossier import ATTRIBUTIONS, RECEIPT, RESOLUTION, Cell, cells, signature
from emc.instants import date_of_day, day_number, parse_date
from emc.periods import PERIODS
from emc.registers import decode, values
from emc.sums import BASE, COUNTED, COVERED, DECLARED, DECLARED_DAYS, RateCounts, Sums, places, zero
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from streams.agencies import calendar, store
from streams.agencies.ledger import Ledger, tally_row
from streams.agencies.rates import counts_of, history_row, minute, rate_row
from streams.agencies.store import Store
from streams.batch import versions
from streams.batch.rows import Put, Row, Rows

_CHUNK = 20_000
_CELLS_AT_ONCE = 100_000
"""Of agencies that are rebuilt together: a query's planning takes longer than most agencies' rows."""
_ATTRIBUTION_NUMBERS = {name: number for number, name in ATTRIBUTIONS.items()}
_PERIOD_NUMBERS = {name: number for number, name in enumerate(PERIODS)}


_LAST_SHOWN = """
    SELECT agency, metric, definition, period, start, last.1, last.2, last.3, last.4, last.5 FROM (
        SELECT agency, metric, definition, period, start,
            argMax((is_deleted, numerator, denominator, counted, declared), (shown_at, version)) AS last
        FROM rate_history WHERE agency IN {agencies:Array(String)}
        GROUP BY agency, metric, definition, period, start
    )
"""
ByAgency = dict[str, list[Row]]


def open_ledger(agency: str, local: Store, committed: int | None) -> Ledger | None:
    """The agency's ledger from the local store, or None when its version is not the one committed."""
    mark = local.mark(agency)
    if mark is None or int(mark.version) != committed:
        return None
    ledger = Ledger(agency, local)
    ledger.version, ledger.as_of, ledger.renewed = committed, mark.as_of, mark.renewed
    ledger.sources = dict(local.sources(agency))
    ledger.sums = dict(local.sums(agency))
    for key, text in local.scan(f"{agency}p".encode()):
        procedure, _, valid_from = key[4:].decode().partition("\0")
        ledger.set_entry(procedure, valid_from, decode(text))
    for key, text in local.scan(f"{agency}q".encode()):
        ledger.set_declaration(day_number(parse_date(key[4:].decode())), decode(text))
    return ledger


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
    ledgers = {agency: Ledger(agency, local) for agency in last}
    _load_small(ledgers, db)
    counted = _load_dossiers(ledgers, local, db)
    for agency, ledger in ledgers.items():
        cells_counted = counted[agency].items()
        _write(local, [(store.cell_key(agency, cell), store.encode_count(n)) for cell, n in cells_counted])
        ledger.sums = _sums(ledger, counted[agency])
        by_period = ledger.sums.items()
        _write(local, [(store.sums_key(agency, *key), store.encode_sums(sums)) for key, sums in by_period])
        ledger.version = versions.following(last[agency])
    found = _cells_and_rates_to_mend(ledgers, counted, db, today)
    _mend_history(ledgers, found, db, today, shown_at)
    for ledger in ledgers.values():
        ledger.renewed = today
    return [(ledgers[agency], rows) for agency, rows in found.items()]


def rows_to_mend(ledgers: Sequence[Ledger], db: Database, today: int, shown_at: int) -> list[Rows]:
    """What `tallies`, `rates` and the history hold otherwise than each ledger, as rows of its version."""
    counted = {
        ledger.agency: {cell: count for cell, count in ledger.local.cells(ledger.agency) if count}
        for ledger in ledgers
    }
    found = _cells_and_rates_to_mend({ledger.agency: ledger for ledger in ledgers}, counted, db, today)
    shown_wrong = {ledger.agency: ledger for ledger in ledgers if found[ledger.agency]["rates"]}
    _mend_history(shown_wrong, found, db, today, shown_at)
    return [found[ledger.agency] for ledger in ledgers]


def _load_small(ledgers: Mapping[str, Ledger], db: Database) -> None:
    """Catalogue, declarations, sources and freshness."""
    entries = _read(db, "procedures", "procedure, valid_from, registers", ledgers)
    declarations = _read(db, "declarations", "day, registers", ledgers)
    sources = _read(db, "sources", "source, last_time, last_arrival", ledgers)
    commits = _read(db, "commits", "as_of", ledgers)
    for agency, ledger in ledgers.items():
        puts = list[Put]()
        for procedure, valid_from, text in entries[agency]:
            day = date_of_day(valid_from).isoformat()
            ledger.set_entry(procedure, day, decode(text))
            puts.append((store.entry_key(agency, procedure, day), text.encode()))
        for day, text in declarations[agency]:
            ledger.set_declaration(day, decode(text))
            puts.append((store.declaration_key(agency, date_of_day(day).isoformat()), text.encode()))
        for source, time, arrival in sources[agency]:
            ledger.sources[source] = (time, arrival)
            puts.append(store.source_put(agency, source, time, arrival))
        _write(ledger.local, puts)
        ledger.as_of = max((as_of for (as_of,) in commits[agency]), default=0)


def _load_dossiers(ledgers: Mapping[str, Ledger], local: Store, db: Database) -> dict[str, Counter[Cell]]:
    """Every dossier into the local store; the cells that they are in, counted by agency."""
    counted = {agency: Counter[Cell]() for agency in ledgers}
    sql = "SELECT agency, dossier, registers FROM dossiers FINAL WHERE agency IN {agencies:Array(String)}"
    for block in db.stream(sql, {"agencies": list(ledgers)}):
        puts = list[Put]()
        for agency, dossier, text in block:
            held = values(decode(text))
            counted[agency].update(cells(held, signature(held)))
            puts.append((store.dossier_key(agency, dossier), text.encode()))
        _write(local, puts)
    return counted


def _sums(ledger: Ledger, counted: Mapping[Cell, int]) -> dict[calendar.Key, Sums]:
    days: dict[int, Sums] = {}
    for cell, count in counted.items():
        sums = days.setdefault(cell.day, zero())
        facts = ledger.catalogue.on(cell.procedure, cell.day)
        for place in places(cell.attribution, cell.signature, facts):
            sums[place] += count
    for day, declared in ledger.declared.items():
        sums = days.setdefault(day, zero())
        for attribution, number in zip((RECEIPT, RESOLUTION), declared, strict=True):
            if number is not None:
                base = BASE[attribution]
                sums[base + COVERED] = sums[base + COUNTED]
                sums[base + DECLARED] += number
                sums[base + DECLARED_DAYS] += 1
    return calendar.by_period(days)


def _cells_and_rates_to_mend(
    ledgers: Mapping[str, Ledger], counted: Mapping[str, Mapping[Cell, int]], db: Database, today: int
) -> dict[str, Rows]:
    """The cells and rates of each agency that are held otherwise."""
    tallies = _read(db, "tallies", "procedure, attribution, day, signature, dossiers", ledgers)
    columns = "metric, definition, period, start, numerator, denominator, counted, declared"
    rates = _read(db, "rates", columns, ledgers)
    found = {agency: Rows() for agency in ledgers}
    for agency, ledger in ledgers.items():
        found[agency]["tallies"].extend(_tallies_to_mend(ledger, tallies[agency], counted[agency]))
        found[agency]["rates"].extend(_rates_to_mend(ledger, rates[agency], today))
    return found


def _tallies_to_mend(ledger: Ledger, rows: list[Row], counted: Mapping[Cell, int]) -> Iterator[Row]:
    held = {
        Cell(procedure, _ATTRIBUTION_NUMBERS[attribution], day, bits): count
        for procedure, attribution, day, bits, count in rows
    }
    for cell in held.keys() | counted.keys():
        if held.get(cell, 0) != counted.get(cell, 0):
            yield tally_row(ledger.agency, cell, counted.get(cell, 0), ledger.version)


def _rates_to_mend(ledger: Ledger, rows: list[Row], today: int) -> Iterator[Row]:
    held: dict[Any, Any] = {
        (metric, definition, _PERIOD_NUMBERS[period], start): tuple(counts)
        for metric, definition, period, start, *counts in rows
    }
    for key, count in _differing(ledger, held, today):
        yield rate_row(ledger.agency, key, count, ledger.version)


def _mend_history(
    ledgers: Mapping[str, Ledger], found: Mapping[str, Rows], db: Database, today: int, shown_at: int
) -> None:
    """Adds what is shown now and the history does not say: it was mended, or a write ended before that."""
    if not ledgers:
        return
    shown = _by_agency(ledgers, db.query(_LAST_SHOWN, {"agencies": list(ledgers)}))
    for agency, ledger in ledgers.items():
        rows = _history_to_mend(ledger, shown[agency], today, minute(shown_at))
        found[agency]["rate_history"].extend(rows)


def _history_to_mend(ledger: Ledger, rows: list[Row], today: int, shown_at: int) -> Iterator[Row]:
    held: dict[Any, Any] = {
        (metric, definition, _PERIOD_NUMBERS[period], start): None if is_deleted else tuple(counts)
        for metric, definition, period, start, is_deleted, *counts in rows
    }
    for key, count in _differing(ledger, held, today):
        yield history_row(ledger.agency, key, count, shown_at, ledger.version)


def _differing(
    ledger: Ledger, held: Mapping[Any, Any], today: int
) -> Iterator[tuple[calendar.Key, RateCounts]]:
    """The rates of all periods that a rate is held of or may be of, where they are not what is held."""
    periods = {(period, start) for _, _, period, start in held}
    for key in periods | set(ledger.sums) | {*calendar.containing(today)}:
        for count in counts_of(ledger, key, today):
            found = held.get((count.metric, count.definition, *key))
            if found != (count.integers() if count.exists else None):
                yield key, count


def _read(db: Database, table: str, columns: str, agencies: Iterable[str]) -> ByAgency:
    sql = f"SELECT agency, {columns} FROM {table} FINAL WHERE agency IN {{agencies:Array(String)}}"
    return _by_agency(agencies, db.query(sql, {"agencies": list(agencies)}))


def _by_agency(agencies: Iterable[str], rows: Iterable[Row]) -> ByAgency:
    found: ByAgency = {agency: [] for agency in agencies}
    for agency, *row in rows:
        found[agency].append(tuple(row))
    return found


def last_versions(db: Database, agencies: list[str], *, events: bool = False) -> dict[str, int]:
    """The greatest version of any row of each agency, unfinished writes and deleted rows included.

    `events`: also of that table, which is large and read by the audit alone.
    """
    found: dict[str, int] = {}
    for table in (*schema.FROM_EVENTS, *("events",) * events):
        sql = (
            f"SELECT agency, toString(max(version)) FROM {table}"
            " WHERE agency IN {agencies:Array(String)} GROUP BY agency"
        )
        for agency, version in db.query(sql, {"agencies": agencies}):
            found[agency] = max(found.get(agency, 0), int(version))
    return found


def _write(local: Store, puts: list[Put]) -> None:
    for at in range(0, len(puts), _CHUNK):
        local.write(puts[at : at + _CHUNK])
