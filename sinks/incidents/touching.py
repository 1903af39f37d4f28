"""Which incidents touch which days, and so which rates."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from emc.periods import last_day
from emc.registry import Registry

Told = dict[str, Any]
"""An incident as answers show it: id, agency or None, from, to or None, text; instants in +07:00."""
Days = tuple[date, date]


def touches(incident: Told, first: date, last: date) -> bool:
    """Whether it falls on one of these days, in Asia/Ho_Chi_Minh."""
    begins, ends = _days(incident)
    return begins <= last.isoformat() and (ends is None or ends >= first.isoformat())


def of_rate(incidents: Iterable[Told], rate: Mapping[str, Any], registry: Registry) -> list[Told]:
    """The incidents that touch a rate: on a day of its period, of its agency or one that it stands for."""
    first = date.fromisoformat(rate["start"])
    last = last_day(rate["period"], first)
    whose = registry.members(rate["group"]) if "group" in rate else registry.reports_of(rate["agency"])
    return [
        each
        for each in incidents
        if (each["agency"] is None or each["agency"] in whose) and touches(each, first, last)
    ]


def days_of(rates: Sequence[Mapping[str, Any]]) -> Days | None:
    """From the first to the last day of the periods of some rates; None without any."""
    starts = [rate["start"] for rate in rates]
    if not starts:
        return None
    return date.fromisoformat(min(starts)), last_day(rates[0]["period"], date.fromisoformat(max(starts)))


def marked_days(incidents: Iterable[Told], first: date, last: date) -> frozenset[str]:
    """The days of a stretch on which there was an incident, `YYYY-MM-DD`."""
    listed = list(incidents)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return frozenset(day.isoformat() for day in days if any(touches(each, day, day) for each in listed))


def _days(incident: Told) -> tuple[str, str | None]:
    """Its first and its last day: instants bear Asia/Ho_Chi_Minh's offset, so they begin with theirs."""
    return incident["from"][:10], incident["to"] and incident["to"][:10]
