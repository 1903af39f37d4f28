"""Rates that hang on the catalogue, but most of whose dossiers have no entry in it: marked, not changed.

The contract says what a procedure without an entry counts as, and the numbers keep to it. But a full-online
rate of 0 % then tells of a catalogue that nobody sent, not of the agency: who shows the rate is to say so.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from emc.definitions import Definition, find
from emc.facts import PROCEDURE_FACTS
from emc.instants import date_of_day, day_number
from emc.periods import WINDOWS, last_day, start_of
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.queries.facts import with_entries
from sinks.queries.rate_query import RateQuery

MARK = "no_catalogue"
"""The name under which a rate bears the mark, true; a rate without it has none."""
_BY_DOSSIER = ("receipt", "resolution")
_Place = tuple[str, str, str]  # agency, attribution, first day of the period
_Rate = dict[str, Any]


def mark_uncatalogued(
    database: Database, registry: Registry, rates: Sequence[_Rate], query: RateQuery
) -> list[_Rate]:
    """The rates, those with the mark that need it. None is put where no catalogue's day is known: on rates
    as they stood at a past moment, and by settler.
    """
    asked = [rate for rate in rates if _hangs_on_catalogue(rate["metric"], rate["definition"])]
    if not asked or query.as_of is not None or query.counted_for == "settled":
        return list(rates)
    whose = {id(rate): frozenset(_whose(rate, registry, query.structure)) for rate in asked}
    counts = _counts(database, asked, frozenset().union(*whose.values()))
    marked = {id(rate) for rate in asked if _is_mostly_without(rate, counts, whose[id(rate)])}
    return [{**rate, MARK: True} if id(rate) in marked else rate for rate in rates]


@cache
def _definition(metric: str, name: str) -> Definition:
    found = find(metric, name)
    assert found is not None, "of the definitions there are"
    return found


@cache
def _hangs_on_catalogue(metric: str, name: str) -> bool:
    """Whether dossiers count in it by what the catalogue says; supply counts the catalogue itself."""
    definition = _definition(metric, name)
    if definition.day not in _BY_DOSSIER:
        return False
    conditions = (ast.parse(text, mode="eval") for text in (definition.denominator, definition.numerator))
    names = {node.id for tree in conditions for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return not names.isdisjoint(PROCEDURE_FACTS)


def _counts(
    database: Database, rates: Sequence[_Rate], agencies: frozenset[str]
) -> Mapping[_Place, tuple[int, int]]:
    """Of each agency and period: its dossiers, and those without an entry on the day on which they count."""
    period, starts = rates[0]["period"], [date.fromisoformat(rate["start"]) for rate in rates]
    days = {"first": day_number(min(starts)), "last": day_number(last_day(period, max(starts)))}
    cells = """
        SELECT agency, procedure, day, toString(attribution) AS attribution, dossiers FROM tallies FINAL
        WHERE agency IN {agencies:Array(String)}
            AND day BETWEEN toDate({first:UInt16}) AND toDate({last:UInt16})
    """
    entries = "agency IN {agencies:Array(String)}"
    rows = database.query(
        f"SELECT r.agency, r.attribution, r.day, sum(r.dossiers), sumIf(r.dossiers, e.held = 0)"
        f"{with_entries(cells, entries)} GROUP BY r.agency, r.attribution, r.day",
        {**days, "agencies": sorted(agencies)},
    )
    found: dict[_Place, tuple[int, int]] = {}
    for agency, attribution, day, all_, without in rows:
        start = min(starts) if period in WINDOWS else start_of(period, date_of_day(day))
        place = (agency, attribution, start.isoformat())
        held = found.get(place, (0, 0))
        found[place] = held[0] + all_, held[1] + without
    return found


def _is_mostly_without(
    rate: Mapping[str, Any], counts: Mapping[_Place, tuple[int, int]], whose: frozenset[str]
) -> bool:
    attribution, total = _definition(rate["metric"], rate["definition"]).day, Counter[str]()
    for agency in whose:
        all_, without = counts.get((agency, attribution, rate["start"]), (0, 0))
        total.update({"all": all_, "without": without})
    return total["without"] * 2 > total["all"]


def _whose(rate: Mapping[str, Any], registry: Registry, structure: str | None) -> Iterable[str]:
    """The codes in the dossiers that a rate counts."""
    if "group" in rate:
        return registry.members(rate["group"])
    return registry.reports_of(rate["agency"]) if structure == "current" else (rate["agency"],)
