"""What was shown when: rates as they stood at a past moment, to the minute."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from emc.errors import InputError
from emc.instants import date_of_day, day_of, now_us, parse_instant
from sinks.database import Database

_RATES = """
    SELECT agency, metric, definition, start, last.2, last.3, last.4, last.5 FROM (
        SELECT agency, metric, definition, start,
            argMax((is_deleted, numerator, denominator, counted, declared), (shown_at, version)) AS last
        FROM rate_history
        WHERE period = {period:String} AND start BETWEEN toDate({first:UInt16}) AND toDate({last:UInt16})
            AND shown_at <= fromUnixTimestamp64Micro({moment:Int64}, 'UTC')
        GROUP BY agency, metric, definition, start
    ) WHERE last.1 = 0
"""
_FRESHNESS = """
    SELECT agency, argMax(as_of, (shown_at, version)) FROM freshness
    WHERE shown_at <= fromUnixTimestamp64Micro({moment:Int64}, 'UTC') GROUP BY agency
"""


def moment_of(text: str) -> int:
    """An `as_of` as it is asked for, in microseconds; InputError when it is no instant, or not past yet."""
    try:
        moment = parse_instant(text.replace(" ", "+"))  # a plus sign that an address was not quoted for
    except ValueError:
        raise InputError(f"as_of is {text!r}, expected RFC 3339 with offset") from None
    if moment > now_us():
        raise InputError(f"as_of is {text!r}, expected a moment that is past")
    return moment


def day_shown(moment: int) -> date:
    """The day in Asia/Ho_Chi_Minh of a moment in microseconds."""
    return date_of_day(day_of(moment))


def shown_rates(database: Database, parameters: Mapping[str, Any], moment: int) -> list[tuple[Any, ...]]:
    """The agencies' rows of `rates` as they were at `moment` (µs); `parameters`: period, first, last."""
    return database.query(_RATES, {**parameters, "moment": moment})


def shown_freshness(database: Database, moment: int) -> list[tuple[str, int]]:
    """The greatest event time of every agency as it was at `moment`, both in microseconds."""
    return [(agency, as_of) for agency, as_of in database.query(_FRESHNESS, {"moment": moment})]
