"""Taking over an agency: from the local store where it is as new as ClickHouse, else rebuilt from there.

A rebuild reads every register of the agency, recounts its cells and sums, and writes back what `tallies`
and `rates` hold otherwise: after it, all of the agency's tables tell the same.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from emc.dossier import ATTRIBUTIONS, RECEIPT, RESOLUTION, Cell, cells, signature
from emc.instants import date_of_day, day_number, parse_date
from emc.periods import PERIODS
from emc.registers import decode
from emc.sums import BASE, COUNTED, COVERED, DECLARED, DECLARED_DAYS, Sums, places, zero
from sinks.database import Database
from streams import calendar, store, versions
from streams.ledger import Ledger, tally_row
from streams.rates import counts_of, history_row, minute, rate_row
from streams.rows import Row, Rows
from streams.store import Put, Store

_CHUNK = 20_000
_VERSIONED = ("dossiers", "procedures", "declarations", "tallies", "rates", "commits")
_ATTRIBUTION_NUMBERS = {name: number for number, name in ATTRIBUTIONS.items()}
_PERIOD_NUMBERS = {name: number for number, name in enumerate(PERIODS)}


_LAST_SHOWN = """
    SELECT metric, definition, period, start, last.1, last.2, last.3, last.4, last.5 FROM (
        SELECT metric, definition, period, start,
            argMax((is_deleted, numerator, denominator, counted, declared), (shown_at, version)) AS last
        FROM rate_history WHERE agency = {agency:String}
        GROUP BY metric, definition, period, start
    )
"""


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


def rebuild_ledger(
    agency: str, local: Store, db: Database, last: int, today: int, shown_at: int
) -> tuple[Ledger, Rows]:
    """The agency's ledger from ClickHouse, the local store filled with it, and the rows to write back.

    `last` is the greatest version that any of its rows has. The rows bear the one after it; they are to be
    written, and then the ledger's mark, before anything is folded. Without that the rebuild is repeated,
    which is harmless. `shown_at` (ms): when what is mended is shown.
    """
    local.drop(agency)
    ledger = Ledger(agency, local)
    _load_small(ledger, db)
    counted = _load_dossiers(ledger, db)
    puts = [(store.cell_key(agency, cell), store.encode_count(count)) for cell, count in counted.items()]
    _write(local, puts)
    ledger.sums = _sums(ledger, counted)
    _write(
        local, [(store.sums_key(agency, *key), store.encode_sums(sums)) for key, sums in ledger.sums.items()]
    )
    ledger.version = versions.following(last)
    rows = Rows()
    rows["tallies"].extend(_tallies_to_mend(ledger, db, counted))
    rows["rates"].extend(_rates_to_mend(ledger, db, today))
    rows["rate_history"].extend(_history_to_mend(ledger, db, today, minute(shown_at)))
    ledger.renewed = today
    return ledger, rows


def rows_to_mend(ledger: Ledger, db: Database, today: int, shown_at: int) -> Rows:
    """What `tallies`, `rates` and the history hold otherwise than the ledger, as rows of its version."""
    counted = {cell: count for cell, count in ledger.local.cells(ledger.agency) if count}
    rows = Rows()
    rows["tallies"].extend(_tallies_to_mend(ledger, db, counted))
    rows["rates"].extend(_rates_to_mend(ledger, db, today))
    if rows["rates"]:
        rows["rate_history"].extend(_history_to_mend(ledger, db, today, minute(shown_at)))
    return rows


def _load_small(ledger: Ledger, db: Database) -> None:
    """Catalogue, declarations, sources and freshness."""
    agency, puts = ledger.agency, list[Put]()
    for procedure, valid_from, text in _read(db, "procedures", "procedure, valid_from, registers", agency):
        day = date_of_day(valid_from).isoformat()
        ledger.set_entry(procedure, day, decode(text))
        puts.append((store.entry_key(agency, procedure, day), text.encode()))
    for day, text in _read(db, "declarations", "day, registers", agency):
        ledger.set_declaration(day, decode(text))
        puts.append((store.declaration_key(agency, date_of_day(day).isoformat()), text.encode()))
    for source, time, arrival in _read(db, "sources", "source, last_time, last_arrival", agency):
        ledger.sources[source] = (time, arrival)
        puts.append(store.source_put(agency, source, time, arrival))
    _write(ledger.local, puts)
    ledger.as_of = max((as_of for (as_of,) in _read(db, "commits", "as_of", agency)), default=0)


def _load_dossiers(ledger: Ledger, db: Database) -> Counter[Cell]:
    """Every dossier into the local store; the cells that they are in, counted."""
    agency, counted = ledger.agency, Counter[Cell]()
    sql = "SELECT dossier, registers FROM dossiers FINAL WHERE agency = {agency:String}"
    for block in db.stream(sql, {"agency": agency}):
        puts = list[Put]()
        for dossier, text in block:
            registers = decode(text)
            counted.update(cell for cell in cells(registers, signature(registers)) if cell is not None)
            puts.append((store.dossier_key(agency, dossier), text.encode()))
        _write(ledger.local, puts)
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


def _tallies_to_mend(ledger: Ledger, db: Database, counted: Mapping[Cell, int]) -> Iterator[Row]:
    held = {
        Cell(procedure, _ATTRIBUTION_NUMBERS[attribution], day, bits): count
        for procedure, attribution, day, bits, count in _read(
            db, "tallies", "procedure, attribution, day, signature, dossiers", ledger.agency
        )
    }
    for cell in held.keys() | counted.keys():
        if held.get(cell, 0) != counted.get(cell, 0):
            yield tally_row(ledger.agency, cell, counted.get(cell, 0), ledger.version)


def _rates_to_mend(ledger: Ledger, db: Database, today: int) -> Iterator[Row]:
    columns = "metric, definition, period, start, numerator, denominator, counted, declared"
    held: dict[Any, Any] = {
        (metric, definition, _PERIOD_NUMBERS[period], start): tuple(counts)
        for metric, definition, period, start, *counts in _read(db, "rates", columns, ledger.agency)
    }
    for key in _periods(ledger, held, today):
        for count in counts_of(ledger, key, today):
            found = held.get((count.metric, count.definition, *key))
            if found != (count[2:6] if count.exists else None):
                yield rate_row(ledger.agency, key, count, ledger.version)


def _history_to_mend(ledger: Ledger, db: Database, today: int, shown_at: int) -> Iterator[Row]:
    """What is shown now and the history does not say: it was mended, or a write ended before its history."""
    held: dict[Any, Any] = {
        (metric, definition, _PERIOD_NUMBERS[period], start): None if is_deleted else tuple(counts)
        for metric, definition, period, start, is_deleted, *counts in db.query(
            _LAST_SHOWN, {"agency": ledger.agency}
        )
    }
    for key in _periods(ledger, held, today):
        for count in counts_of(ledger, key, today):
            found = held.get((count.metric, count.definition, *key))
            if found != (count[2:6] if count.exists else None):
                yield history_row(ledger.agency, key, count, shown_at, ledger.version)


def _periods(ledger: Ledger, held: Mapping[Any, Any], today: int) -> set[calendar.Key]:
    """The periods that a rate is held of or may be of."""
    return (
        {(period, start) for _, _, period, start in held} | set(ledger.sums) | {*calendar.containing(today)}
    )


def _read(db: Database, table: str, columns: str, agency: str) -> list[Row]:
    sql = f"SELECT {columns} FROM {table} FINAL WHERE agency = {{agency:String}}"
    return db.query(sql, {"agency": agency})


def last_versions(db: Database, agencies: list[str], *, events: bool = False) -> dict[str, int]:
    """The greatest version of any row of each agency, unfinished writes and deleted rows included.

    `events`: also of that table, which is large and read by the audit alone.
    """
    found: dict[str, int] = {}
    for table in (*_VERSIONED, *("events",) * events):
        sql = (
            f"SELECT agency, toString(max(version)) FROM {table}"
            " WHERE agency IN {agencies:Array(String)} GROUP BY agency"
        )
        for agency, version in db.query(sql, {"agencies": agencies}):
            found[agency] = max(found.get(agency, 0), int(version))
    return found


class Committed(NamedTuple):
    """Up to where an agency is complete in ClickHouse: its version, and the place in the log it came from."""

    version: int
    topic_id: str
    partition: int
    next_offset: int


def committed(db: Database) -> dict[str, Committed]:
    """What `commits` holds of every agency."""
    sql = "SELECT agency, toString(version), topic_id, partition, next_offset FROM commits FINAL"
    return {agency: Committed(int(version), *place) for agency, version, *place in db.query(sql)}


def _write(local: Store, puts: list[Put]) -> None:
    for at in range(0, len(puts), _CHUNK):
        local.write(puts[at : at + _CHUNK])
