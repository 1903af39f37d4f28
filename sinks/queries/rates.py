"""Rates as the contract gives them out: always computed from integers, groups as sums over their agencies."""

from collections.abc import Iterable, Mapping
from datetime import date
from operator import add
from typing import Any, NamedTuple

from emc.instants import HANOI, date_of_day, day_number, format_instant
from emc.registry import GROUPS, Registry
from sinks.clickhouse.database import Database
from sinks.queries.history import shown_freshness, shown_rates
from sinks.queries.rate_query import Selection
from sinks.queries.visible import Agencies, guarded

_LAST_DAY = 65535  # the greatest Date of ClickHouse, in the year 2149


class Place(NamedTuple):
    """Where a rate stands: the first day of its period, its definition's place in the order, whose it is."""

    start: int
    definition: int
    is_group: int
    whose: str


Counts = tuple[int, ...]
"""Numerator, denominator, dossiers counted on the days with a declaration, dossiers declared for them."""


def read_rates(
    database: Database, registry: Registry, selection: Selection, agencies: Agencies = None
) -> list[dict[str, Any]]:
    """The rates selected, by start, definition, and agencies before groups.

    `agencies`: those whose own rates may be shown. Groups are sums over everybody, for everybody.
    """
    if agencies is None:
        shown = _read(database, registry, selection)
    else:
        own = {
            place: rate
            for place, rate in _read(guarded(database, agencies), registry, selection).items()
            if not place.is_group and place.whose in agencies
        }
        groups = {} if selection.agency is not None else _read(database, registry, selection)
        shown = own | {place: rate for place, rate in groups.items() if place.is_group}
    return [shown[place] for place in sorted(shown, key=lambda place: (*place[:3], _order_of(place)))]


def _read(database: Database, registry: Registry, selection: Selection) -> dict[Place, dict[str, Any]]:
    """The rates selected by their places, of all that the database shows."""
    sums = summed(_stored(database, selection), registry, selection)
    times = as_of_times(database, registry, selection.structure, selection.as_of)
    return {place: _shown(place, counts, selection, times) for place, counts in sums.items()}


def summed(
    rows: Iterable[tuple[str, str, str, int, int, int, int, int]], registry: Registry, selection: Selection
) -> dict[Place, Counts]:
    """Adds rows (agency, metric, definition, start, and the four counts) up to those selected."""
    number = {(found.metric, found.name): n for n, found in enumerate(selection.definitions)}
    holders: dict[str, list[tuple[int, str]]] = {}
    sums: dict[Place, Counts] = {}
    for agency, metric, definition, start, *counts in rows:
        n = number.get((metric, definition))
        if n is None:
            continue
        if agency not in holders:
            holders[agency] = _holders(agency, registry, selection)
        for is_group, whose in holders[agency]:
            place = Place(start, n, is_group, whose)
            held = sums.get(place, (0, 0, 0, 0))
            sums[place] = tuple(map(add, held, counts))
    return sums


def as_of_times(
    database: Database, registry: Registry, structure: str, moment: int | None = None
) -> dict[str, int]:
    """The greatest time of an accepted event of every agency and group, in microseconds; as it was at
    `moment` (µs), now without one.
    """
    times: dict[str, int] = {}
    rows = (
        database.query("SELECT agency, as_of FROM commits FINAL")
        if moment is None
        else shown_freshness(database, moment)
    )
    for reported, instant in rows:
        agency = _standing(reported, registry, structure)
        for whose in (agency, *_groups(agency, registry)):
            times[whose] = max(times.get(whose, 0), instant)
    return times


def share(above: int, below: int) -> float | None:
    """A quotient of counts, unrounded; None when there is nothing to divide by."""
    return above / below if below else None


def _stored(database: Database, selection: Selection) -> list[tuple[Any, ...]]:
    """The agencies' own rows of the period and range; the definitions are picked out later."""
    parameters = {
        "period": selection.period,
        "first": _stored_day(selection.first),
        "last": _stored_day(selection.last),
    }
    if selection.as_of is not None:
        return shown_rates(database, parameters, selection.as_of)
    return database.query(
        """
        SELECT agency, metric, definition, start, numerator, denominator, counted, declared
        FROM rates FINAL
        WHERE period = {period:String} AND start BETWEEN toDate({first:UInt16}) AND toDate({last:UInt16})
        """,
        parameters,
    )


def _stored_day(day: date) -> int:
    return min(max(day_number(day), 0), _LAST_DAY)


def _holders(agency: str, registry: Registry, selection: Selection) -> list[tuple[int, str]]:
    """Whose rates a row of this agency adds to: (0, agency) and (1, group)."""
    standing = _standing(agency, registry, selection.structure)
    holders = []
    if selection.group is None and selection.agency in (None, standing):
        holders.append((0, standing))
    if selection.agency is None:
        groups = _groups(standing, registry)
        holders += [(1, group) for group in groups if selection.group in (None, group)]
    return holders


def _standing(agency: str, registry: Registry, structure: str) -> str:
    return registry.current(agency) if structure == "current" and agency in registry else agency


def _groups(agency: str, registry: Registry) -> list[str]:
    return [group for group in GROUPS if agency in registry.members(group)]


def _order_of(place: Place) -> str | int:
    return GROUPS.index(place.whose) if place.is_group else place.whose


def _shown(place: Place, counts: Counts, selection: Selection, times: Mapping[str, int]) -> dict[str, Any]:
    definition = selection.definitions[place.definition]
    as_of = times.get(place.whose)
    numerator, denominator, counted, declared = counts
    return {
        "metric": definition.metric,
        "definition": definition.name,
        "group" if place.is_group else "agency": place.whose,
        "period": selection.period,
        "start": date_of_day(place.start).isoformat(),
        "numerator": numerator,
        "denominator": denominator,
        "rate": share(numerator, denominator),
        "coverage": share(counted, declared),
        "as_of": format_instant(as_of, HANOI) if as_of else None,
    }
