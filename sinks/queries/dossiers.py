"""Which dossiers (for supply: which procedures) a rate is made of, each with what decides if it counts."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from emc.agency_search import unregistered
from emc.definitions import Definition
from emc.facts import DOSSIER_FACTS, PROCEDURE_FACTS
from emc.instants import HANOI, date_of_day, format_instant, today
from emc.periods import last_day
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.queries.facts import COUNTED, DAY, PROCEDURE_SQL, facts_sql, with_entries, without_entry
from sinks.queries.rate_query import ALL_PERIODS, COUNTED_FOR, definitions_of, first_day, one_of
from sinks.queries.reasons import NOTHING_UNKNOWN, judge

_CODED_WITH = "agency = {agency:String}"
_SETTLED_BY = "settler = {agency:String}"
_SETTLED_OF = """(agency = {agency:String}
    OR agency IN (SELECT DISTINCT agency FROM settled WHERE settler = {agency:String}))"""
"""The agencies that the settler settles anything of, itself among them."""
_NO_DOSSIER_FACTS = dict.fromkeys(DOSSIER_FACTS, False)


def read_dossiers(
    database: Database,
    registry: Registry,
    *,
    metric: str,
    agency: str,
    period: str,
    start: str,
    missing: bool = False,
    definition: str | None = None,
    counted_for: str | None = None,
    after: tuple[str, str] | None = None,
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The dossiers of a rate's denominator, or only those missing from its numerator; InputError at once.

    `after`: those behind a place, which is (day, dossier) or for supply ("", procedure); `limit`: so many.
    """
    chosen = definitions_of(metric, definition)[0]
    if agency not in registry:
        raise unregistered("agency", agency, registry)
    one_of("period", period, ALL_PERIODS)
    by_settler = one_of("counted_for", counted_for or COUNTED_FOR[0], COUNTED_FOR) == "settled"
    first = first_day("start", start, period)
    last = last_day(period, first)
    if chosen.day == "state":
        day = min(last, today())
        return _procedures(database, chosen, agency, day, missing, _Part(after, limit))
    span = _Span(agency, by_settler, first, last)
    return _dossiers(database, chosen, span, missing, _Part(after, limit))


class _Span(NamedTuple):
    """Whose dossiers, by their codes or by who settles them, and of which days."""

    agency: str
    by_settler: bool
    first: date
    last: date

    @property
    def agencies(self) -> str:
        """A condition on the agencies in the codes."""
        return _SETTLED_OF if self.by_settler else _CODED_WITH

    @property
    def whose(self) -> str:
        """A condition on dossiers."""
        return f"{_SETTLED_OF} AND {_SETTLED_BY}" if self.by_settler else _CODED_WITH

    @property
    def parameters(self) -> dict[str, Any]:
        """For the conditions, and the days."""
        return {"agency": self.agency, "first": self.first, "last": self.last}


class _Part(NamedTuple):
    """The part of a list behind a place, at most so long."""

    after: tuple[str, str] | None
    limit: int | None

    def behind(self, *columns: str) -> str:
        """A condition; the last of the columns is the code, one before it the day."""
        if self.after is None:
            return ""
        place = "({after_day:String}, {after_code:String})"
        if len(columns) == 1:
            return f" AND {columns[0]} > {{after_code:String}}"
        return f" AND (toString({columns[0]}), {columns[1]}) > {place}"

    @property
    def at_most(self) -> str:
        """The end of a query."""
        return "" if self.limit is None else f" LIMIT {self.limit:d}"

    @property
    def parameters(self) -> dict[str, str]:
        """For `behind`."""
        day, code = self.after or ("", "")
        return {"after_day": day, "after_code": code}


def _dossiers(
    database: Database, definition: Definition, span: _Span, missing: bool, part: _Part
) -> Iterator[dict[str, Any]]:
    sql = facts_sql()
    names = (*DOSSIER_FACTS, *PROCEDURE_FACTS)
    within = f"{DAY[definition.day]} BETWEEN {{first:Date}} AND {{last:Date}}"
    # any version of a row lies in the partition of its month, so FINAL need not be asked for the others
    rows = f"""
        SELECT agency, dossier, procedure, unit, status, received_at, resolved_at, signature,
            {DAY[definition.day]} AS day
        FROM dossiers FINAL
        WHERE {span.whose} AND {COUNTED[definition.day]} AND {within}
            AND month IN (SELECT DISTINCT month FROM dossiers WHERE {span.agencies} AND {within})
    """
    query = f"""
        SELECT r.dossier, r.procedure, r.unit, r.status, r.day, r.received_at, r.resolved_at,
            e.held, {", ".join(f"toUInt8({sql[name]})" for name in names)}
        {with_entries(rows, span.agencies)}
        WHERE {definition.sql_denominator(sql)}{_unless(missing, definition.sql_numerator(sql))}
            {part.behind("r.day", "r.dossier")}
        ORDER BY r.day, r.dossier{part.at_most}
    """
    parameters = {**span.parameters, **part.parameters}
    without = without_entry(database, span.agency)
    for block in database.stream(query, parameters):
        for dossier, procedure, unit, status, day, received_at, resolved_at, entry, *held in block:
            facts = dict(zip(names, map(bool, held), strict=True))
            yield {
                "dossier": dossier,
                "procedure": procedure or None,
                "unit": unit or None,
                "status": status or None,
                "day": date_of_day(day).isoformat(),
                "received_at": format_instant(received_at, HANOI),
                "resolved_at": format_instant(resolved_at, HANOI) if resolved_at is not None else None,
                **_verdict(definition, facts, {} if entry else without),
            }


def _procedures(
    database: Database, definition: Definition, agency: str, day: date, missing: bool, part: _Part
) -> Iterator[dict[str, Any]]:
    query = f"""
        SELECT e.procedure, e.name, e.valid_from,
            {", ".join(f"toUInt8({PROCEDURE_SQL[name]})" for name in PROCEDURE_FACTS)}
        FROM (
            SELECT *, 1 AS held FROM procedures FINAL
            WHERE agency = {{agency:String}} AND valid_from <= {{day:Date}}
            ORDER BY valid_from DESC LIMIT 1 BY procedure
        ) AS e
        WHERE {definition.sql_denominator(PROCEDURE_SQL)}
            {_unless(missing, definition.sql_numerator(PROCEDURE_SQL))}{part.behind("e.procedure")}
        ORDER BY e.procedure{part.at_most}
    """
    for block in database.stream(query, {"agency": agency, "day": day, **part.parameters}):
        for procedure, name, valid_from, *held in block:
            facts = _NO_DOSSIER_FACTS | dict(zip(PROCEDURE_FACTS, map(bool, held), strict=True))
            yield {
                "procedure": procedure,
                "name": name or None,
                "valid_from": date_of_day(valid_from).isoformat(),
                **_verdict(definition, facts),
            }


def _unless(missing: bool, numerator: str) -> str:
    return f" AND NOT {numerator}" if missing else ""


def _verdict(
    definition: Definition, facts: dict[str, bool], without: Mapping[str, str] = NOTHING_UNKNOWN
) -> dict[str, Any]:
    holds, words = judge(definition.numerator, facts, without)
    return {"in_numerator": holds, "reason": ", ".join(words)}
