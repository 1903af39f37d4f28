"""The period that a page is about: asked for in its address, or the newest that has something to show."""

from datetime import date, timedelta
from typing import NamedTuple

from starlette.requests import Request

from emc.errors import InputError
from emc.instants import HANOI, format_instant, is_far, now_us, parse_date, today
from emc.periods import last_day, start_of
from portal.reading.remembered import Remembered
from sinks.queries.rate_query import STRUCTURES, one_of

SHOWN = ("month", "quarter", "year")

_DAY_US = int(timedelta(days=1) / timedelta(microseconds=1))
_MINUTE_US = int(timedelta(minutes=1) / timedelta(microseconds=1))


class Period(NamedTuple):
    """A period, what can be chosen instead, and how agencies are summed. `choices`: the newest first."""

    name: str
    start: date
    choices: list[date]
    structure: str

    @property
    def first(self) -> str:
        """Its first day, as the API writes it."""
        return self.start.isoformat()

    @property
    def last(self) -> date:
        """Its last day."""
        return last_day(self.name, self.start)

    @property
    def before(self) -> date:
        """The first day of the period before."""
        return start_of(self.name, self.start - timedelta(days=1))

    @property
    def is_over(self) -> bool:
        """Whether its last day has ended."""
        return self.last < today()

    def query(self) -> dict[str, str]:
        """The parameters with which the API is asked for this period."""
        return {"period": self.name, "start": self.first, "structure": self.structure}


def period_of(request: Request, reading: Remembered) -> Period:
    """The period asked for; InputError for one that is none."""
    given = request.query_params
    name = one_of("period", given.get("period", "month"), SHOWN)
    structure = one_of("structure", given.get("structure", STRUCTURES[0]), STRUCTURES)
    choices = reading.periods(name)
    start = _start(given.get("start"), name)
    if start is None:
        current = start_of(name, today())
        start = current if current in choices or not choices else choices[0]
    return Period(name, start, choices if start in choices else [start, *choices], structure)


def _start(text: str | None, period: str) -> date | None:
    if text is None:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        raise InputError("start is no day, expected a date YYYY-MM-DD") from None
    if is_far(day):
        raise InputError("start is no day of 1970 to 2100")
    return start_of(period, day)


def a_day_ago() -> str:
    """The minute a day ago, for what was shown then: who asks within a minute asks the same."""
    return format_instant((now_us() - _DAY_US) // _MINUTE_US * _MINUTE_US, HANOI)
