"""Periods as pairs of small integers: (index in `emc.periods.PERIODS`, first day as a day number)."""

from functools import cache

from emc import periods
from emc.instants import date_of_day, day_number
from emc.sums import Sums

Key = tuple[int, int]
DAY = 0


@cache
def containing(day: int) -> tuple[Key, ...]:
    """The day, month, quarter and year that a day lies in."""
    date = date_of_day(day)
    return tuple((n, day_number(periods.start_of(period, date))) for n, period in enumerate(periods.PERIODS))


@cache
def last_day(key: Key) -> int:
    """The last day of a period."""
    period, start = key
    return day_number(periods.last_day(periods.PERIODS[period], date_of_day(start)))


def by_period(days: dict[int, Sums]) -> dict[Key, Sums]:
    """Sums of days added up to the periods that contain them."""
    found: dict[Key, Sums] = {}
    for day, sums in days.items():
        for key in containing(day):
            held = found.get(key)
            found[key] = list(sums) if held is None else list(map(int.__add__, held, sums))
    return found
