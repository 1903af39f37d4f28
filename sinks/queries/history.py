"""What was shown when: rates as they stood at a past moment, to the minute."""

from collections.abc import Mapping
from typing import Any

from sinks.clickhouse.database import Database

_RATES = """
    SELECT agency, metric, definition, start, last.2, last.3, last.4, last.5 FROM (
        SELECT agency, metric, definition, start,
            argMax((is_deleted, numerator, denominator, counted, declared), (shown_at, version)) AS last
        FROM rate_history
        WHERE period = {period:String} AND start BETWEEN toDate({first:UInt16}) AND toDate({last:UInt16})
            AND shown_at <= fromUnixTimestamp64Micro({moment:Int64}, 'UTC') AND CONDITION
        GROUP BY agency, metric, definition, start
    ) WHERE last.1 = 0
"""
_FRESHNESS = """
    SELECT agency, argMax(as_of, (shown_at, version)) FROM freshness
    WHERE shown_at <= fromUnixTimestamp64Micro({moment:Int64}, 'UTC') GROUP BY agency
"""


def shown_rates(
    database: Database, parameters: Mapping[str, Any], moment: int, condition: str = "true"
) -> list[tuple[Any, ...]]:
    """The agencies' rows of `rates` as they were at `moment` (µs); `parameters`: period, first, last.

    `condition`: SQL on agency, metric and definition.
    """
    return database.query(_RATES.replace("CONDITION", condition), {**parameters, "moment": moment})


def shown_freshness(database: Database, moment: int) -> list[tuple[str, int]]:
    """The greatest event time of every agency as it was at `moment`, both in microseconds."""
    return [(agency, as_of) for agency, as_of in database.query(_FRESHNESS, {"moment": moment})]
