"""Rates as the contract gives them out: always computed from integers, groups as sums over their agencies."""

from collections.abc import Iterable, Iterator, Mapping
from operator import add
from typing import Any, NamedTuple

from emc.instants import HANOI, date_of_day, format_instant
from emc.registry import GROUPS, Registry
from sinks.clickhouse.database import Database
from sinks.queries.history import shown_freshness
from sinks.queries.narrowed import narrowed
from sinks.queries.rate_query import Selection
from sinks.queries.settled import Counted
from sinks.queries.stored_rates import stored_rates
from sinks.queries.visible import Agencies, guarded


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
        shown = _read(database, database, registry, selection)
    else:
        mine = guarded(database, agencies)
        times_of = mine if selection.counted_for == "code" else database
        mine_too = {} if selection.group is not None else _read(mine, times_of, registry, selection)
        own = {
            place: rate for place, rate in mine_too.items() if not place.is_group and place.whose in agencies
        }
        groups = {} if selection.agency is not None else _read(database, database, registry, selection)
        shown = own | {place: rate for place, rate in groups.items() if place.is_group}
    return [shown[place] for place in sorted(shown, key=lambda place: (*place[:3], _order_of(place)))]


def _read(
    database: Database, times_of: Database, registry: Registry, selection: Selection
) -> dict[Place, dict[str, Any]]:
    """The rates selected by their places, of all that the database shows.

    `times_of`: where freshness is read: by settler a number is as fresh as the agencies whose dossiers it
    holds, which may be others.
    """
    rows = list(stored_rates(database, selection, narrowed(selection, registry)))
    sums = summed(rows, registry, selection)
    times = as_of_times(times_of, registry, selection.structure, selection.as_of)
    as_of = {place: times.get(place.whose) for place in sums}
    if selection.counted_for == "settled":
        as_of |= _times_of_origins(rows, registry, selection, as_of_times(times_of, registry, "reported"))
    written = {time: format_instant(time, HANOI) for time in set(as_of.values()) if time}
    return {
        place: _shown(place, counts, selection, written.get(as_of[place] or 0))
        for place, counts in sums.items()
    }


def summed(rows: Iterable[Counted], registry: Registry, selection: Selection) -> dict[Place, Counts]:
    """Adds rows up to the rates selected."""
    sums: dict[Place, Counts] = {}
    for row, place in _placed(rows, registry, selection):
        held = sums.get(place)
        sums[place] = row[4:8] if held is None else tuple(map(add, held, row[4:8]))
    return sums


def _times_of_origins(
    rows: Iterable[Counted], registry: Registry, selection: Selection, times: Mapping[str, int]
) -> dict[Place, int | None]:
    """Of each rate that has dossiers the greatest time of the agencies in their codes."""
    found: dict[Place, int | None] = {}
    day_attributed = [definition.day != "state" for definition in selection.definitions]
    for row, place in _placed(rows, registry, selection):
        if row.denominator and day_attributed[place.definition]:
            found[place] = max(found.get(place) or 0, times.get(row.origin, 0))
    return found


def _placed(
    rows: Iterable[Counted], registry: Registry, selection: Selection
) -> Iterator[tuple[Counted, Place]]:
    """Each row with every rate that it adds to."""
    number = {(found.metric, found.name): n for n, found in enumerate(selection.definitions)}
    holders: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        n = number.get((row.metric, row.definition))
        if n is None:
            continue
        if row.whose not in holders:
            holders[row.whose] = _holders(row.whose, registry, selection)
        for is_group, whose in holders[row.whose]:
            yield row, Place(row.start, n, is_group, whose)


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


def _shown(place: Place, counts: Counts, selection: Selection, as_of: str | None) -> dict[str, Any]:
    definition = selection.definitions[place.definition]
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
        "as_of": as_of,
    }
