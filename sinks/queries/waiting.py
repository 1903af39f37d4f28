"""What of a dossier's time was not the agency's: waiting for the citizen, and reports that came late."""

from collections.abc import Iterable, Mapping
from typing import Any

from emc.instants import HANOI, format_instant, now_us, parse_instant

WAITING = {5: "supplement requested", 6: "financial obligation requested"}
_SECOND = 1_000_000


def waiting(events: Iterable[Mapping[str, Any]], until: int | None) -> list[dict[str, Any]]:
    """Seconds in each status of WAITING, by the time of the events; `until` (µs): when handling ended.

    `events`: explained ones, in the order of their writers. A status that still holds counts up to now, and
    is `open`.
    """
    said = [
        (parse_instant(event["time"]), event["data"]["status"])
        for event in events
        if "status" in event["data"]
    ]
    end = now_us() if until is None else until
    seconds, is_open = dict.fromkeys(WAITING, 0), dict.fromkeys(WAITING, False)
    for n, (begin, status) in enumerate(said):
        if status in WAITING:
            is_last = n + 1 == len(said)
            seconds[status] += max((end if is_last else said[n + 1][0]) - begin, 0) // _SECOND
            is_open[status] = is_last and until is None
    return [
        {"status": status, "meaning": meaning, "seconds": seconds[status], "open": is_open[status]}
        for status, meaning in WAITING.items()
    ]


def lateness(row: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Whether a dossier was late by its dates, and whether its end was reported late.

    `late`: resolved after it was due, or due and not resolved; null without a due date. `reported_late`: it
    was resolved in time, but the first event that said so arrived after it was due: it looked late meanwhile.
    """
    due, resolved = row["due_at"], row["resolved_at"]
    arrivals = [
        parse_instant(event["arrived_at"]) for event in events if event["data"].get("resolved_at") is not None
    ]
    arrived = min(arrivals, default=None)
    late = None if due is None else (now_us() if resolved is None else resolved) > due
    in_time = due is not None and resolved is not None and not late
    return {
        "late": late,
        "reported_late": None if due is None else in_time and arrived is not None and arrived > due,
        "resolution_arrived_at": None if arrived is None else format_instant(arrived, HANOI),
    }
