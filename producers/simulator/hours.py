"""The simulated calendar: days of the play, working days, the shape of a day in Asia/Ho_Chi_Minh."""

from bisect import bisect
from datetime import date
from itertools import accumulate
from random import Random

import msgspec

from emc.instants import DAY, HOUR, SECOND, day_number, day_of
from emc.periods import last_day

_OFFSET = 7 * HOUR
_BEFORE, _AFTER = 15, 5
_THURSDAY = 3  # 1970-01-01, day 0
# Monday is busiest; a few counters are open on Saturday; online receipt runs on Sunday too.
_WEEK = (1.15, 1.05, 1.0, 1.0, 0.95, 0.12, 0.04)
# Weight of each hour, 0 to 23: counters close for lunch, citizens also submit in the evening.
_OFFICE = (0, 0, 0, 0, 0, 0, 0, 5, 16, 17, 14, 5, 1, 9, 15, 14, 9, 2, 0.3, 0, 0, 0, 0, 0)
_HOME = (0.5, 0.2, 0.1, 0, 0, 0.2, 1, 4, 10, 11, 9, 6, 4, 6, 9, 9, 7, 4, 3, 4, 6, 5, 3, 1)
_OFFICE_SUMS = tuple(accumulate(_OFFICE))
_HOME_SUMS = tuple(accumulate(_HOME))


class Month(msgspec.Struct, frozen=True):
    """The month that is played. Days are numbers since 1970-01-01; `first` and `last` lie in the month.

    The play opens some days earlier (dossiers received then are resolved in the month) and closes some days
    later (late events, corrections, dossiers resolved after the month).
    """

    first: int
    last: int

    @classmethod
    def of(cls, start: date) -> "Month":
        """The month that begins on `start`; ValueError when that is not a first day."""
        if start.day != 1:
            raise ValueError(f"month: {start} is not the first day of a month")
        return cls(day_number(start), day_number(last_day("month", start)))

    @property
    def opening(self) -> int:
        """The first day on which a simulated dossier is received."""
        return self.first - _BEFORE

    @property
    def closing(self) -> int:
        """The last day of the play."""
        return self.last + _AFTER


def midnight(day: int) -> int:
    """The instant at which a day begins, in microseconds since 1970 UTC."""
    return day * DAY - _OFFSET


def weekday(day: int) -> int:
    """0 for Monday … 6 for Sunday."""
    return (day + _THURSDAY) % 7


def day_weight(day: int) -> float:
    """How busy a day is, about 1 on a working day."""
    return _WEEK[weekday(day)]


def office_time(rng: Random, day: int) -> int:
    """An instant of a day, in whole seconds, when a counter is staffed."""
    return _instant(rng, day, _OFFICE_SUMS)


def home_time(rng: Random, day: int) -> int:
    """An instant of a day, in whole seconds, when citizens submit online."""
    return _instant(rng, day, _HOME_SUMS)


def into_office_hours(instant: int) -> int:
    """The instant moved into 7:30 to 17:00 of its day, keeping the order of instants."""
    start = midnight(day_of(instant))
    return start + 15 * HOUR // 2 + (instant - start) * 95 // 240 // SECOND * SECOND


def _instant(rng: Random, day: int, sums: tuple[float, ...]) -> int:
    hour = bisect(sums, rng.random() * sums[-1])
    return midnight(day) + hour * HOUR + int(rng.random() * 3600) * SECOND


def working_day_after(day: int, count: int) -> int:
    """The day that lies `count` working days (Monday to Friday) after `day`."""
    weeks, rest = divmod(count, 5)
    day += 7 * weeks
    while rest or weekday(day) > 4:
        day += 1
        rest -= weekday(day) < 5 and rest > 0
    return day
