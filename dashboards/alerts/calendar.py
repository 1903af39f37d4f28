"""Working time: weekdays and hours of the thresholds file without public holidays, in Asia/Ho_Chi_Minh."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from dashboards.alerts.form import WEEKDAYS, Thresholds
from dashboards.alerts.thresholds import weekdays_of
from emc.instants import HANOI

Span = tuple[float, float]
"""From and to, in seconds since 1970."""


class Calendar:
    """Counts working time between instants in seconds since 1970."""

    def __init__(self, thresholds: Thresholds) -> None:
        hours = thresholds.working_hours
        self._weekdays = frozenset(map(WEEKDAYS.index, weekdays_of(hours.weekdays)))
        self._from, self._to = _minutes(hours.from_), _minutes(hours.to)
        self._holidays = {day for holiday in thresholds.holidays for day in _days(holiday.from_, holiday.to)}
        self._unconfirmed = [holiday.from_ for holiday in thresholds.holidays if holiday.to_be_confirmed]

    @property
    def until(self) -> float:
        """Up to when the holidays are certain, in seconds since 1970; 0 when none is known.

        The beginning of the first one to be confirmed, else the end of the last one.
        """
        if self._unconfirmed:
            return _midnight(min(self._unconfirmed))
        return _midnight(max(self._holidays) + timedelta(days=1)) if self._holidays else 0.0

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day."""
        return day.weekday() in self._weekdays and day not in self._holidays

    def working_seconds(self, since: float, until: float, without: Iterable[Span] = ()) -> float:
        """Working time between two instants, that of the spans `without` left out; spans do not overlap."""
        total = self._between(since, until)
        for begin, end in without:
            total -= self._between(max(begin, since), min(end, until))
        return max(total, 0.0)

    def _between(self, since: float, until: float) -> float:
        if until <= since:
            return 0.0
        total, day = 0.0, datetime.fromtimestamp(since, HANOI).date()
        last = datetime.fromtimestamp(until, HANOI).date()
        while day <= last:
            if self.is_working_day(day):
                midnight = _midnight(day)
                begin, end = midnight + self._from * 60, midnight + self._to * 60
                total += max(0.0, min(end, until) - max(begin, since))
            day += timedelta(days=1)
        return total


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), HANOI).timestamp()


def _minutes(time_of_day: str) -> int:
    hours, minutes = time_of_day.split(":")
    return int(hours) * 60 + int(minutes)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def instant(moment: datetime) -> float:
    """Seconds since 1970 of a moment with offset."""
    return moment.astimezone(UTC).timestamp()
