"""What the tables of an agency hold otherwise than its ledger, as the rows that mend it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emc.dossier import ATTRIBUTIONS, Cell
from emc.periods import PERIODS
from emc.sums import RateCounts, zero
from sinks.clickhouse.database import Database
from streams.agencies import calendar
from streams.agencies.change import tally_row
from streams.agencies.ledger import Ledger
from streams.agencies.rates import counts_of, history_row, minute, rate_row
from streams.agencies.settled import Counted, settled_rows, settled_sums
from streams.agencies.state import AgencyState
from streams.agencies.tables import by_agency, read
from streams.batch.rows import Row, Rows

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


def rows_to_mend(ledgers: Sequence[Ledger], db: Database, today: int, shown_at: int) -> list[Rows]:
    """What `tallies`, `rates` and the history hold otherwise than each ledger, as rows of its version."""
    counted = {
        ledger.agency: {cell: count for cell, count in ledger.local.cells(ledger.agency) if count}
        for ledger in ledgers
    }
    found = cells_and_rates_to_mend({ledger.agency: ledger.state for ledger in ledgers}, counted, db, today)
    settled = {ledger.agency: dict(ledger.local.settled_cells(ledger.agency)) for ledger in ledgers}
    settled_to_mend({ledger.agency: ledger.state for ledger in ledgers}, settled, found, db)
    shown_wrong = {ledger.agency: ledger.state for ledger in ledgers if found[ledger.agency]["rates"]}
    mend_history(shown_wrong, found, db, today, shown_at)
    return [found[ledger.agency] for ledger in ledgers]


def cells_and_rates_to_mend(
    states: Mapping[str, AgencyState], counted: Mapping[str, Mapping[Cell, int]], db: Database, today: int
) -> dict[str, Rows]:
    """The cells and rates of each agency that the tables hold otherwise, `counted` being its cells."""
    tallies = read(db, "tallies", "procedure, attribution, day, signature, dossiers", states)
    columns = "metric, definition, period, start, numerator, denominator, counted, declared"
    rates = read(db, "rates", columns, states)
    found = {agency: Rows() for agency in states}
    for agency, state in states.items():
        found[agency]["tallies"].extend(_tallies_to_mend(state, tallies[agency], counted[agency]))
        found[agency]["rates"].extend(_rates_to_mend(state, rates[agency], today))
    return found


def settled_to_mend(
    states: Mapping[str, AgencyState],
    counted: Mapping[str, Counted],
    found: Mapping[str, Rows],
    db: Database,
) -> None:
    """Adds what `settled` holds otherwise than follows from the cells that other agencies settle."""
    columns = "settler, period, start, metric, definition, numerator, denominator"
    held = read(db, "settled", columns, states)
    for agency, state in states.items():
        rows = _settled_to_mend(state, held[agency], counted[agency])
        found[agency]["settled"].extend(rows)


def _settled_to_mend(state: AgencyState, rows: list[Row], counted: Counted) -> Iterator[Row]:
    held: dict[Any, Row] = {}
    for settler, period, start, metric, definition, *counts in rows:
        held[settler, metric, definition, period, start] = tuple(counts)
    expected = settled_sums(counted, state.catalogue)
    of_settlers = {(settler, (_PERIOD_NUMBERS[period], start)) for settler, _, _, period, start in held}
    for settler, key in of_settlers | expected.keys():
        sums = expected.get((settler, key), zero())
        for row in settled_rows(state.agency, settler, key, sums, state.version):
            _, *name, numerator, denominator, _, _ = row
            wanted = (numerator, denominator) if denominator else None
            if held.get(tuple(name)) != wanted:
                yield row


def _tallies_to_mend(state: AgencyState, rows: list[Row], counted: Mapping[Cell, int]) -> Iterator[Row]:
    held = {
        Cell(procedure, _ATTRIBUTION_NUMBERS[attribution], day, bits): count
        for procedure, attribution, day, bits, count in rows
    }
    for cell in held.keys() | counted.keys():
        if held.get(cell, 0) != counted.get(cell, 0):
            yield tally_row(state.agency, cell, counted.get(cell, 0), state.version)


def _rates_to_mend(state: AgencyState, rows: list[Row], today: int) -> Iterator[Row]:
    held: dict[Any, Any] = {
        (metric, definition, _PERIOD_NUMBERS[period], start): tuple(counts)
        for metric, definition, period, start, *counts in rows
    }
    for key, count in _differing(state, held, today):
        yield rate_row(state.agency, key, count, state.version)


def mend_history(
    states: Mapping[str, AgencyState], found: Mapping[str, Rows], db: Database, today: int, shown_at: int
) -> None:
    """Adds what is shown now and the history does not say: it was mended, or a write ended before that."""
    if not states:
        return
    shown = by_agency(states, db.query(_LAST_SHOWN, {"agencies": list(states)}))
    for agency, state in states.items():
        rows = _history_to_mend(state, shown[agency], today, minute(shown_at))
        found[agency]["rate_history"].extend(rows)


def _history_to_mend(state: AgencyState, rows: list[Row], today: int, shown_at: int) -> Iterator[Row]:
    held: dict[Any, Any] = {
        (metric, definition, _PERIOD_NUMBERS[period], start): None if is_deleted else tuple(counts)
        for metric, definition, period, start, is_deleted, *counts in rows
    }
    for key, count in _differing(state, held, today):
        yield history_row(state.agency, key, count, shown_at, state.version)


def _differing(
    state: AgencyState, held: Mapping[Any, Any], today: int
) -> Iterator[tuple[calendar.Key, RateCounts]]:
    """The rates of all periods that a rate is held of or may be of, where they are not what is held."""
    periods = {(period, start) for _, _, period, start in held}
    for key in periods | set(state.sums) | {*calendar.containing(today)}:
        for count in counts_of(state, key, today):
            found = held.get((count.metric, count.definition, *key))
            if found != (count.integers() if count.exists else None):
                yield key, count
