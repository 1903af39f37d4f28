"""The change of an agency's rate between two stretches of days, by procedure: read, split, shown."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from emc.definitions import Definition
from emc.instants import today
from emc.periods import last_day
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.queries.change_query import ChangeQuery
from sinks.queries.facts import PROCEDURE_SQL, facts_sql, with_entries
from sinks.queries.rate_query import ALL_PERIODS, definitions_of, first_day, one_of, registered
from sinks.queries.why import Contribution, Counts, split


def read_change(database: Database, registry: Registry, asked: ChangeQuery) -> dict[str, Any]:
    """The change and what each procedure contributed, the greatest first; InputError for a wrong query.

    `change` is null, and nothing contributes, when one of the stretches has no dossier in the denominator.
    Contributions are exact: `change` of all of them adds up to the change of the rate.
    """
    definition = definitions_of(asked.metric, asked.definition)[0]
    registered(asked.agency, registry)
    one_of("period", asked.period, ALL_PERIODS)
    first, second = (
        first_day(name, text, asked.period) for name, text in (("from", asked.from_), ("to", asked.to))
    )
    before, after = (
        _by_procedure(database, definition, asked.agency, day, last_day(asked.period, day))
        for day in (first, second)
    )
    found = split(before, after)
    return {
        "metric": definition.metric,
        "definition": definition.name,
        "agency": asked.agency,
        "period": asked.period,
        "from": _whole(first, before),
        "to": _whole(second, after),
        "change": None if found is None else float(found.change),
        "contributions": []
        if found is None
        else _contributions(found.contributions, _names(database, asked.agency)),
    }


def _names(database: Database, agency: str) -> dict[str, str]:
    return dict(
        database.query(
            "SELECT procedure, argMax(name, valid_from) FROM procedures FINAL"
            " WHERE agency = {agency:String} GROUP BY procedure",
            {"agency": agency},
        )
    )


def _contributions(found: Iterable[Contribution], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "procedure": each.procedure or None,
            "name": names.get(each.procedure) or None,
            "before": list(each.before),
            "after": list(each.after),
            "rate_effect": float(each.rate_effect),
            "mix_effect": float(each.mix_effect),
            "change": float(each.change),
            "exact": _exact(each.change),
        }
        for each in found
    ]


def _by_procedure(
    database: Database, definition: Definition, agency: str, first: date, last: date
) -> dict[str, Counts]:
    if definition.day == "state":
        return _supply(database, definition, agency, min(last, today()))
    sql = facts_sql()
    rows = """
        SELECT agency, procedure, day, signature, dossiers FROM tallies FINAL
        WHERE agency = {agency:String} AND attribution = {attribution:String}
            AND day BETWEEN {first:Date} AND {last:Date}
    """
    found = database.query(
        f"""
        SELECT r.procedure, sumIf(r.dossiers, {definition.sql_numerator(sql)}),
            sumIf(r.dossiers, {definition.sql_denominator(sql)}) AS below
        {with_entries(rows)}
        GROUP BY r.procedure HAVING below > 0
        """,
        {"agency": agency, "attribution": definition.day, "first": first, "last": last},
    )
    return {procedure: (above, below) for procedure, above, below in found}


def _supply(database: Database, definition: Definition, agency: str, day: date) -> dict[str, Counts]:
    """Of supply each procedure of the catalogue on a day counts at most once."""
    found = database.query(
        f"""
        SELECT e.procedure, toUInt8({definition.sql_numerator(PROCEDURE_SQL)}),
            toUInt8({definition.sql_denominator(PROCEDURE_SQL)}) AS below
        FROM (
            SELECT *, 1 AS held FROM procedures FINAL
            WHERE agency = {{agency:String}} AND valid_from <= {{day:Date}}
            ORDER BY valid_from DESC LIMIT 1 BY procedure
        ) AS e
        WHERE below > 0
        """,
        {"agency": agency, "day": day},
    )
    return {procedure: (above, below) for procedure, above, below in found}


def _whole(first: date, counts: dict[str, Counts]) -> dict[str, Any]:
    above, below = (sum(each[n] for each in counts.values()) for n in (0, 1))
    share = above / below if below else None
    return {"start": first.isoformat(), "numerator": above, "denominator": below, "rate": share}


def _exact(share: Fraction) -> str:
    """As `numerator/denominator`: floats are rounded, so their sum may miss the change by the last digit."""
    return f"{share.numerator}/{share.denominator}"
