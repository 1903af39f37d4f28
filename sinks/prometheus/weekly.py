"""How much the rates changed from one week to the next, and how much they usually do.

Weeks, not months to date: a month's rate over two days is not comparable with one over twenty.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.queries.rate_query import Selection
from sinks.queries.rates import Counts, Place, summed
from sinks.queries.settled import by_code

USUAL_WEEKS = 8
LEAST_CHANGES = 4
Key = tuple[int, int, str]
"""A definition's place in the order, whether it is a group's, and whose it is."""


class WeeklyChange(NamedTuple):
    """The last week against the one before. `usual`: None when there is too little to compare."""

    change: float
    usual: float | None
    denominator: int


def read_weekly(
    database: Database, registry: Registry, selection: Selection, today: date
) -> dict[Key, WeeklyChange]:
    """The changes of the definitions selected, weeks being seven complete days that end yesterday."""
    rows = database.query(
        """
        SELECT agency, metric, definition, intDiv({yesterday:UInt16} - toUInt16(start), 7) AS week,
               sum(numerator), sum(denominator), 0, 0
        FROM rates FINAL
        WHERE period = 'day' AND start > toDate({yesterday:UInt16} - {days:UInt16})
              AND start <= toDate({yesterday:UInt16})
        GROUP BY agency, metric, definition, week
        """,
        {
            "yesterday": (today - timedelta(days=1) - date(1970, 1, 1)).days,
            "days": 7 * (USUAL_WEEKS + 2),
        },
    )
    found: dict[Key, WeeklyChange] = {}
    for key, weeks in _by_key(summed(by_code(rows), registry, selection)).items():
        change = weekly_change(weeks)
        if change is not None:
            found[key] = change
    return found


def weekly_change(weeks: Mapping[int, tuple[int, int]]) -> WeeklyChange | None:
    """Of (numerator, denominator) by week, 0 the latest; None when one of the last two has no rate."""
    rates = {week: above / below for week, (above, below) in weeks.items() if below}
    if 0 not in rates or 1 not in rates:
        return None
    sizes = list(_sizes(rates))
    usual = median(sizes) if len(sizes) >= LEAST_CHANGES else None
    return WeeklyChange(rates[0] - rates[1], usual, min(weeks[0][1], weeks[1][1]))


def _sizes(rates: Mapping[int, float]) -> Iterable[float]:
    for week in range(1, USUAL_WEEKS + 1):
        if week in rates and week + 1 in rates:
            yield abs(rates[week] - rates[week + 1])


def _by_key(sums: Mapping[Place, Counts]) -> dict[Key, dict[int, tuple[int, int]]]:
    found: dict[Key, dict[int, tuple[int, int]]] = {}
    for place, (numerator, denominator, *_) in sums.items():
        key = (place.definition, place.is_group, place.whose)
        found.setdefault(key, {})[place.start] = (numerator, denominator)
    return found
