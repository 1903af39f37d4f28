"""The periods of a rate: day, month, quarter and year in Asia/Ho_Chi_Minh, and windows of days."""

from collections.abc import Callable
from datetime import date, timedelta

PERIODS = ("day", "month", "quarter", "year")
_MONTHS = {"day": 0, "month": 1, "quarter": 3, "year": 12}
_STARTS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
    "year": lambda day: date(day.year, 1, 1),
}


WINDOWS = {"last7": 7, "last28": 28}
"""Periods that begin on any day, with their days: sums of days, which nobody stores."""


def start_of(period: str, day: date) -> date:
    """The first day of the period of this kind that `day` lies in; KeyError for an unknown kind, and for
    windows, which begin on any day.
    """
    return _STARTS[period](day)


def last_day(period: str, start: date) -> date:
    """The last day of the period of this kind that begins on `start`."""
    if period in WINDOWS:
        return start + timedelta(days=WINDOWS[period] - 1)
    months = _MONTHS[period]
    if months == 0:
        return start
    following = start.month - 1 + months
    year = start.year + following // 12
    return date.max if year > date.max.year else date(year, following % 12 + 1, 1) - timedelta(days=1)
