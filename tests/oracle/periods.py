"""The four kinds of period, by their first days."""

from datetime import date, timedelta

WINDOWS = {"last7": 7, "last28": 28}
PERIODS = ("day", "month", "quarter", "year")


def first_day(period: str, day: date) -> date:
    """The first day of the period that holds the day."""
    if period == "day":
        return day
    if period == "month":
        return day.replace(day=1)
    return date(day.year, (day.month - 1) // 3 * 3 + 1 if period == "quarter" else 1, 1)


def final_day(period: str, start: date) -> date:
    """The last day of the period that begins on `start`."""
    if period == "day":
        return start
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    after = start.month - 1 + months
    return date(start.year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
