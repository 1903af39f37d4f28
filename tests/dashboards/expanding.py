"""What Grafana and its ClickHouse plugin make of a query before the server sees it.

Variables are replaced in the browser, macros in the plugin's backend (pkg/macros/macros.go of version 4.20).
"""

import re
from collections.abc import Mapping
from typing import NamedTuple


class Range(NamedTuple):
    """The time range of the dashboard in seconds since 1970, and the panel's interval in seconds."""

    start: int
    end: int
    interval: int = 60


def expanded(sql: str, variables: Mapping[str, str], range_: Range) -> str:
    """The query as the server gets it; KeyError for a variable that the dashboard does not have."""
    filled = re.sub(r"\$\{(\w+)\}", lambda found: variables[found[1]], sql)
    start, end, interval = range_
    macros = {
        r"\$__timeFilter\(([^()]+)\)": rf"\1 >= toDateTime({start}) AND \1 <= toDateTime({end})",
        r"\$__timeInterval\(([^()]+)\)": rf"toStartOfInterval(toDateTime(\1), INTERVAL {interval} second)",
        r"\$__interval_s\b": str(interval),
        r"\$__fromTime\b": f"toDateTime({start})",
        r"\$__toTime\b": f"toDateTime({end})",
    }
    for pattern, meaning in macros.items():
        filled = re.sub(pattern, meaning, filled)
    assert "$" not in filled, filled
    return filled
