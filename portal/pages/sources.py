"""Sources as pages show them: when each was last heard, and whether it has been silent for too long."""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sinks.prometheus.limits import Limits


class Source(NamedTuple):
    """A source of an agency. `last_arrival`: RFC 3339."""

    agency: str
    name: str
    last_time: str
    last_arrival: str
    is_silent: bool


def sources_of(rows: Iterable[Mapping[str, Any]], limits: Limits | None) -> list[Source]:
    """The sources, the longest silent first."""
    now = time.time()
    found = [
        Source(row["agency"], row["source"], row["last_time"], row["last_arrival"], _silent(row, now, limits))
        for row in rows
    ]
    return sorted(found, key=lambda source: datetime.fromisoformat(source.last_arrival))


def _silent(row: Mapping[str, Any], now: float, limits: Limits | None) -> bool:
    if limits is None:
        return False
    since = datetime.fromisoformat(row["last_arrival"]).timestamp()
    return limits.working_seconds(row["source"], since, now) > limits.silence_limit(row["agency"])
