"""Which rates are asked for: the contract's parameters, checked once for the command and the API alike."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta

from emc.agency_search import unregistered
from emc.definitions import DEFINITIONS, METRICS, Definition
from emc.errors import InputError
from emc.instants import date_of_day, day_of, is_far, now_us, parse_date, parse_instant, today
from emc.nearest import did_you_mean
from emc.periods import PERIODS, WINDOWS, start_of
from emc.registry import GROUPS, Registry

STRUCTURES = ("reported", "current")
COUNTED_FOR = ("code", "settled")
ALL_PERIODS = (*PERIODS, *WINDOWS)


@dataclass(frozen=True)
class RateQuery:
    """The parameters as they were given, `from_` being `from`; None: not given."""

    metric: str | None = None
    definition: str | None = None
    agency: str | None = None
    group: str | None = None
    period: str | None = None
    start: str | None = None
    from_: str | None = None
    to: str | None = None
    structure: str | None = None
    as_of: str | None = None
    counted_for: str | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "RateQuery":
        """A query of named parameters; InputError for a name that is none."""
        known = {field.name.rstrip("_"): field.name for field in fields(cls)}
        for name in parameters:
            if name not in known:
                raise InputError(f"{name} is no parameter, expected one of {', '.join(known)}")
        return cls(**{known[name]: value for name, value in parameters.items()})


@dataclass(frozen=True)
class Selection:
    """A checked query. `agency` and `group`: None selects all, unless the other is given.

    `as_of`: the past moment in microseconds whose rates are asked for, None for those of now. Of a window
    `first` and `last` are its first day.
    """

    definitions: tuple[Definition, ...]
    agency: str | None
    group: str | None
    period: str
    first: date
    last: date
    structure: str
    as_of: int | None = None
    counted_for: str = "code"


def select(query: RateQuery, registry: Registry) -> Selection:
    """Checks a query and fills in the defaults; InputError names the parameter and what is expected."""
    period = one_of("period", "month" if query.period is None else query.period, ALL_PERIODS)
    if query.agency is not None and query.group is not None:
        raise InputError("agency and group were both given, expected at most one of them")
    if query.agency is not None:
        registered(query.agency, registry)
    if query.group is not None:
        one_of("group", query.group, GROUPS)
    as_of = None if query.as_of is None else _moment_of(query.as_of)
    counted_for = one_of("counted_for", query.counted_for or COUNTED_FOR[0], COUNTED_FOR)
    if as_of is not None and (period in WINDOWS or counted_for != COUNTED_FOR[0]):
        raise InputError("as_of was given with a window or counted_for=settled, of which no history is kept")
    first, last = _range(query, period, today() if as_of is None else _day_shown(as_of))
    structure = one_of("structure", "reported" if query.structure is None else query.structure, STRUCTURES)
    definitions = definitions_of(query.metric, query.definition)
    return Selection(
        definitions, query.agency, query.group, period, first, last, structure, as_of, counted_for
    )


def definitions_of(metric: str | None, name: str | None) -> tuple[Definition, ...]:
    """The definitions of a metric (None: of every one) and of a name (None: of every one), in their order."""
    if metric is not None:
        one_of("metric", metric, tuple(METRICS))
    known = [found for found in DEFINITIONS if metric in (None, found.metric)]
    if name is not None:
        one_of("definition", name, tuple(dict.fromkeys(found.name for found in known)))
    return tuple(found for found in known if name in (None, found.name))


def range_applies(period: str) -> bool:
    """Whether `from` and `to` choose among periods of this kind: a window may begin on any day, so there is
    nothing to choose among.
    """
    return period not in WINDOWS


def first_day(name: str, text: str, period: str) -> date:
    """A date that is the first day of a period of this kind; InputError otherwise."""
    day = _date(name, text)
    if is_far(day):
        raise InputError(f"{name} is {text!r}, expected a date of 1970 to 2100")
    if period not in WINDOWS and start_of(period, day) != day:
        raise InputError(f"{name} is {text!r}, expected the first day of a {period}")
    return day


def registered(agency: str, registry: Registry) -> str:
    """The code; InputError when the registry does not have it."""
    if agency not in registry:
        raise unregistered("agency", agency, registry)
    return agency


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """The value; InputError when it is none of those allowed."""
    if value not in allowed:
        near = did_you_mean(value, allowed)
        raise InputError(f"{name} is {value!r}, expected one of {', '.join(allowed)}{near}")
    return value


def _range(query: RateQuery, period: str, day: date) -> tuple[date, date]:
    """The first and the last `start` asked for; the period of `day` when none was."""
    has_range = range_applies(period) and not (query.from_ is None and query.to is None)
    if query.start is not None:
        if has_range:
            raise InputError("start was given with from or to, expected either start or a range")
        start = first_day("start", query.start, period)
        return start, start
    if not has_range:
        is_window = period in WINDOWS  # the one that ends yesterday
        start = day - timedelta(days=WINDOWS[period]) if is_window else start_of(period, day)
        return start, start
    first = date.min if query.from_ is None else _date("from", query.from_)
    last = date.max if query.to is None else _date("to", query.to)
    return first, last


def _date(name: str, text: str) -> date:
    try:
        return parse_date(text)
    except ValueError:
        raise InputError(f"{name} is {text!r}, expected a date YYYY-MM-DD") from None


def _moment_of(text: str) -> int:
    """An `as_of` as it is asked for, in microseconds; InputError when it is no instant, or not past yet."""
    try:
        moment = parse_instant(text.replace(" ", "+"))  # a plus sign that an address was not quoted for
    except ValueError:
        raise InputError(f"as_of is {text!r}, expected RFC 3339 with offset") from None
    if moment > now_us():
        raise InputError(f"as_of is {text!r}, expected a moment that is past")
    return moment


def _day_shown(moment: int) -> date:
    """The day in Asia/Ho_Chi_Minh of a moment in microseconds."""
    return date_of_day(day_of(moment))
