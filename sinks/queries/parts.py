"""The counts of an agency's rate by its parts: procedures, units, sources, catalogue entries, definitions."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from emc.definitions import Definition, of_metric
from emc.errors import InputError
from emc.instants import today
from sinks.clickhouse.database import Database
from sinks.queries.facts import COUNTED, DAY, PROCEDURE_SQL, facts_sql, with_entries
from sinks.queries.why import Counts

_ENTRY = "concat(r.procedure, if(e.held = 1, concat('/', toString(e.valid_from)), ''))"
PARTS: Mapping[str, str] = {
    "procedure": "r.procedure",
    "unit": "r.unit",
    "source": "r.source",
    "entry": _ENTRY,
    "definition": "",
}
"""By what a rate can be divided, each dossier being in one part: an expression over `with_entries`.

`source`: of the newest event of the dossier. `entry`: the catalogue entry that holds on its day.
`definition`: which definitions of the metric have the dossier in their denominators.
"""
OF_SUPPLY = ("procedure", "entry")
_IN_TALLIES = ("procedure", "entry", "definition")


class Stretch(NamedTuple):
    """Whose dossiers of which days, divided by what."""

    agency: str
    by_settler: bool
    by: str
    first: date
    last: date


def counts_by(database: Database, definition: Definition, stretch: Stretch) -> dict[str, Counts]:
    """Numerator and denominator of each part; InputError for parts that supply does not have."""
    if definition.day == "state":
        if stretch.by not in OF_SUPPLY:
            raise InputError(f"by is {stretch.by!r}, expected one of {', '.join(OF_SUPPLY)} for supply")
        return _supply(database, definition, stretch)
    sql = facts_sql()
    part = PARTS[stretch.by] or _definitions(definition, sql)
    others = "1" if stretch.by_settler else "agency = {agency:String}"
    found = database.query(
        f"""
        SELECT {part} AS part, sumIf(r.dossiers, {definition.sql_numerator(sql)}),
            sumIf(r.dossiers, {definition.sql_denominator(sql)}) AS below
        {with_entries(_rows(definition, stretch), others)}
        GROUP BY part HAVING below > 0
        """,
        _parameters(stretch) | {"attribution": definition.day},
    )
    return _counts(found)


def _rows(definition: Definition, stretch: Stretch) -> str:
    """Rows for `with_entries`; units, sources and settlers are in the states alone."""
    if stretch.by in _IN_TALLIES and not stretch.by_settler:
        return """
            SELECT agency, procedure, day, signature, dossiers FROM tallies FINAL
            WHERE agency = {agency:String} AND attribution = {attribution:String}
                AND day BETWEEN {first:Date} AND {last:Date}
        """
    dossiers = f"""
        SELECT agency, dossier, procedure, unit, signature, toUInt64(1) AS dossiers,
            {DAY[definition.day]} AS day
        FROM dossiers FINAL
        WHERE {"settler" if stretch.by_settler else "agency"} = {{agency:String}}
            AND {COUNTED[definition.day]} AND day BETWEEN {{first:Date}} AND {{last:Date}}
    """
    return _with_source(dossiers) if stretch.by == "source" else dossiers


def _with_source(dossiers: str) -> str:
    return f"""
        SELECT d.agency AS agency, d.procedure AS procedure, d.signature AS signature,
            d.dossiers AS dossiers, d.day AS day, s.newest AS source
        FROM ({dossiers}) AS d
        LEFT JOIN (
            SELECT agency, subject, argMax(source, (time, id)) AS newest FROM events
            WHERE type = 'dossier' AND (agency, subject) IN (SELECT agency, dossier FROM ({dossiers}))
            GROUP BY agency, subject
        ) AS s ON s.agency = d.agency AND s.subject = d.dossier
    """


def _definitions(definition: Definition, sql: Mapping[str, str]) -> str:
    """The names of the metric's definitions of the same day that have the row in their denominators."""
    alike = [each for each in of_metric(definition.metric) if each.day == definition.day]
    named = ", ".join(f"if({each.sql_denominator(sql)}, '{each.name}', '')" for each in alike)
    return f"arrayStringConcat(arrayFilter(name -> name != '', [{named}]), ', ')"


def _supply(database: Database, definition: Definition, stretch: Stretch) -> dict[str, Counts]:
    """Of supply each procedure of the catalogue on the last day counts at most once."""
    part = "e.procedure" if stretch.by == "procedure" else "concat(e.procedure, '/', toString(e.valid_from))"
    found = database.query(
        f"""
        SELECT {part}, toUInt8({definition.sql_numerator(PROCEDURE_SQL)}),
            toUInt8({definition.sql_denominator(PROCEDURE_SQL)}) AS below
        FROM (
            SELECT *, 1 AS held FROM procedures FINAL
            WHERE agency = {{agency:String}} AND valid_from <= {{day:Date}}
            ORDER BY valid_from DESC LIMIT 1 BY procedure
        ) AS e
        WHERE below > 0
        """,
        {"agency": stretch.agency, "day": min(stretch.last, today())},
    )
    return _counts(found)


def _parameters(stretch: Stretch) -> dict[str, Any]:
    return {"agency": stretch.agency, "first": stretch.first, "last": stretch.last}


def _counts(found: list[tuple[Any, ...]]) -> dict[str, Counts]:
    return {str(part): (above, below) for part, above, below in found}
