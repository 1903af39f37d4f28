"""What is stored of a selection's rates, for the agencies as they reported: rows to be added up."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from emc.definitions import DEFINITIONS
from emc.instants import day_number, today
from emc.periods import WINDOWS, last_day
from sinks.clickhouse.database import Database
from sinks.queries.facts import PROCEDURE_SQL
from sinks.queries.history import shown_rates
from sinks.queries.narrowed import EVERY_ROW, Narrowed
from sinks.queries.rate_query import Selection
from sinks.queries.settled import Counted, by_code, by_settler

_LAST_DAY = 65535  # the greatest Date of ClickHouse, in the year 2149
_SUPPLY = [definition for definition in DEFINITIONS if definition.day == "state"]
_FEW_DAYS = 92
_COLUMNS = "agency, metric, definition, start, numerator, denominator, counted, declared"
_IN_PERIOD = "period = {period:String} AND start BETWEEN toDate({first:UInt16}) AND toDate({last:UInt16})"
# Of few rows the newest are found sooner by grouping what the condition leaves than by FINAL, which merges
# all that was written since the last merge before it looks at the condition.
_NEWEST = f"""
    SELECT agency, metric, definition, start, newest.1 AS numerator, newest.2 AS denominator,
        newest.3 AS counted, newest.4 AS declared
    FROM (
        SELECT agency, metric, definition, start,
            argMax((numerator, denominator, counted, declared, is_deleted), version) AS newest
        FROM rates WHERE {_IN_PERIOD} AND CONDITION GROUP BY agency, metric, definition, start
    ) WHERE newest.5 = 0
"""
DAY_ATTRIBUTED = frozenset((d.metric, d.name) for d in DEFINITIONS if d.day != "state")
Row = tuple[Any, ...]


def stored_rates(
    database: Database, selection: Selection, narrowed: Narrowed = EVERY_ROW
) -> Iterator[Counted]:
    """The rows of the period and range; `narrowed`: those that add to nothing asked for may be left out."""
    is_window = selection.period in WINDOWS
    rows = _of_window(database, selection) if is_window else _of_period(database, selection, narrowed)
    if selection.counted_for == "code":
        return by_code(rows)
    return by_settler(rows, _settled(database, selection), DAY_ATTRIBUTED)


def _of_period(database: Database, selection: Selection, narrowed: Narrowed) -> list[Row]:
    parameters = {
        "period": selection.period,
        "first": _stored_day(selection.first),
        "last": _stored_day(selection.last),
    }
    if selection.as_of is not None:
        return shown_rates(database, parameters, selection.as_of, narrowed.condition)
    if (selection.last - selection.first).days > _FEW_DAYS:
        newest = f"SELECT {_COLUMNS} FROM rates FINAL WHERE {_IN_PERIOD} AND {narrowed.condition}"
    else:
        newest = _NEWEST.replace("CONDITION", narrowed.condition)
    if not narrowed.is_one_group:
        return database.query(newest, parameters)
    return database.query(
        f"""
        SELECT min(agency), metric, definition, start, sum(numerator), sum(denominator), sum(counted),
            sum(declared)
        FROM ({newest}) AS r GROUP BY metric, definition, start
        """,
        parameters,
    )


def _of_window(database: Database, selection: Selection) -> list[Row]:
    """Sums of the window's days; supply as of its last day, or of today if it is not over."""
    names = ", ".join(f"('{metric}', '{definition}')" for metric, definition in sorted(DAY_ATTRIBUTED))
    rows = database.query(
        f"""
        SELECT agency, metric, definition, {{first:UInt16}} AS first_day, sum(numerator), sum(denominator),
            sum(counted), sum(declared)
        FROM rates FINAL
        WHERE period = 'day' AND start BETWEEN toDate({{first:UInt16}}) AND toDate({{last:UInt16}})
            AND (metric, definition) IN ({names})
        GROUP BY agency, metric, definition
        """,
        _days(selection),
    )
    with_dossiers = {agency for agency, _, _, _, _, denominator, *_ in rows if denominator}
    return rows + list(_supply(database, selection, with_dossiers))


def _supply(database: Database, selection: Selection, with_dossiers: Iterable[str]) -> Iterator[Row]:
    """Supply has rows where another rate has a denominator, and in a window that is not over."""
    first, last, now = selection.first, _last(selection), today()
    counts = ", ".join(
        f"countIf({condition})"
        for d in _SUPPLY
        for condition in (d.sql_numerator(PROCEDURE_SQL), d.sql_denominator(PROCEDURE_SQL))
    )
    sql = f"""
        SELECT agency, {counts}
        FROM (
            SELECT *, 1 AS held FROM procedures FINAL WHERE valid_from <= toDate({{day:UInt16}})
            ORDER BY valid_from DESC LIMIT 1 BY agency, procedure
        ) AS e
        GROUP BY agency
    """
    found = {agency: sums for agency, *sums in database.query(sql, {"day": _stored_day(min(last, now))})}
    agencies = set(with_dossiers) | (set(found) if first <= now <= last else set())
    for agency in agencies:
        sums = found.get(agency, [0] * (2 * len(_SUPPLY)))
        for n, d in enumerate(_SUPPLY):
            yield (agency, d.metric, d.name, day_number(first), sums[2 * n], sums[2 * n + 1], 0, 0)


def _settled(database: Database, selection: Selection) -> list[Row]:
    """What others settle of each agency, in the periods of the selection."""
    if selection.period in WINDOWS:
        start, period, days = "{first:UInt16}", "day", _days(selection)
    else:
        start, period = "start", selection.period
        days = {"first": _stored_day(selection.first), "last": _stored_day(selection.last)}
    return database.query(
        f"""
        SELECT agency, settler, metric, definition, {start} AS begin, sum(numerator), sum(denominator)
        FROM settled FINAL
        WHERE period = {{period:String}}
            AND start BETWEEN toDate({{first:UInt16}}) AND toDate({{last:UInt16}})
        GROUP BY agency, settler, metric, definition, begin
        """,
        days | {"period": period},
    )


def _last(selection: Selection) -> date:
    return last_day(selection.period, selection.first)


def _days(selection: Selection) -> dict[str, Any]:
    return {"first": _stored_day(selection.first), "last": _stored_day(_last(selection))}


def _stored_day(day: date) -> int:
    return min(max(day_number(day), 0), _LAST_DAY)
