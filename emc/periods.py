"""The periods of a rate: day, month, quarter and year of the calendar in Asia/Ho_Chi_Minh."""

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


def start_of(period: str, day: date) -> date:
    """The first day of the period of this kind that `day` lies in; KeyError for an unknown kind."""
    return _STARTS[period](day)


def last_day(period: str, start: date) -> date:
    """The last day of the period of this kind that begins on `start`."""
    months = _MONTHS[period]
    if months == 0:
        return start
    following = start.month - 1 + months
    year = start.year + following // 12
    return date.max if year > date.max.year else date(year, following % 12 + 1, 1) - timedelta(days=1)
