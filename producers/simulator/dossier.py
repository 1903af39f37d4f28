"""One simulated dossier: its final facts and the instants of its life."""

from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import NamedTuple

from emc.instants import DAY, HOUR, SECOND, day_of
from producers.simulator.hours import Month, home_time, midnight, office_time, working_day_after

_MINUTE = 60 * SECOND


class Fate(Enum):
    """What becomes of a dossier by the end of the play."""

    RESOLVED = "resolved in the month, result required"
    PLAIN = "resolved in the month, no result required"
    EARLY = "resolved before the month"
    LATER = "resolved after the month"
    OPEN = "received, not resolved"
    WITHDRAWN = "received, then withdrawn by the citizen: never counts as resolved"
    STOPPED = "received, then stopped: never counts as resolved"
    REFUSED = "received, then not accepted: never counts as resolved"
    MISTAKEN = "entered by mistake and removed: counts nowhere"
    TURNED_AWAY = "submitted and not accepted: never received"
    PENDING = "submitted, not yet received"
    DATELESS = "in process without a date of receipt: countable nowhere, a warning"


NEVER_RECEIVED = frozenset({Fate.TURNED_AWAY, Fate.PENDING, Fate.DATELESS})
FINISHED = frozenset({Fate.RESOLVED, Fate.PLAIN, Fate.EARLY, Fate.LATER})


@dataclass(slots=True)
class Dossier:
    """The final facts of a dossier. Instants are microseconds since 1970 UTC, in whole seconds.

    `resolved` is set when the fate says so, and for some that were withdrawn, stopped or refused; `until`
    is the instant after which its agency's system says nothing more of it.
    """

    code: str
    fate: Fate
    procedure: str | None
    unit: str
    online: bool
    reused: bool
    electronic: bool
    submitted: int
    received: int
    due: int
    resolved: int | None
    returned: int | None
    until: int
    fee_due: bool
    paid_online: bool
    identified: bool
    digitised: bool


class Times(NamedTuple):
    """The instants of a dossier's life, as in `Dossier`."""

    submitted: int
    received: int
    due: int
    resolved: int | None
    returned: int | None
    until: int


def month_times(
    rng: Random, day: int, month: Month, until: int, online: bool, fate: Fate, limit: int, on_time: bool
) -> Times:
    """The times of a dossier received on a day of the play and due after `limit` working days."""
    received = office_time(rng, day)
    resolved = resolution(rng, fate, received, limit, month, until)
    returned = None
    if resolved is not None and rng.random() < 0.9:
        returned = resolved + rng.randint(10, 2880) * _MINUTE
    return Times(
        submission(rng, received, online),
        received,
        due_date(rng, received, limit, resolved, on_time),
        resolved,
        returned if returned is None or returned < until else None,
        until,
    )


def submission(rng: Random, received: int, online: bool) -> int:
    """When a dossier was submitted: at the counter just before, online hours before, at most two days."""
    if not online:
        return received - int(rng.uniform(3, 25)) * _MINUTE
    evening = home_time(rng, day_of(received) - (rng.random() < 0.4))
    latest = received - 5 * _MINUTE
    return evening if evening < latest else latest - int(rng.random() * 7200) * SECOND


def resolution(rng: Random, fate: Fate, received: int, limit: int, month: Month, until: int) -> int | None:
    """When the dossier is resolved: inside the days that its fate names, whatever the duration drawn."""
    start, end = midnight(month.first), min(midnight(month.last + 1), until)
    if fate in (Fate.RESOLVED, Fate.PLAIN):
        return _between(rng, received, limit, start, end)
    if fate is Fate.EARLY:
        return _between(rng, received, limit, received, start)
    if fate is Fate.LATER:
        return _between(rng, received, limit, end, midnight(month.closing))
    if fate in (Fate.WITHDRAWN, Fate.STOPPED, Fate.REFUSED) and rng.random() < 0.5:
        return _between(rng, received, limit, received, min(until, midnight(month.closing)))
    return None


def _between(rng: Random, received: int, limit: int, start: int, end: int) -> int:
    """An office hour some working days after receipt, brought between `start` and `end` when outside."""
    day = working_day_after(day_of(received), int(limit * rng.betavariate(2, 2.2)))
    resolved = office_time(rng, day)
    if resolved < start:
        resolved = office_time(rng, working_day_after(day_of(start), rng.randint(0, 4)))
    earliest = max(received + 20 * _MINUTE, start)
    if resolved < earliest:
        resolved = earliest + int(rng.random() * 180) * _MINUTE
    if resolved >= end:
        low = max(received, start)
        resolved = low + int((end - low) // SECOND * rng.uniform(0.05, 0.95)) * SECOND
    return resolved


def due_date(rng: Random, received: int, limit: int, resolved: int | None, on_time: bool) -> int:
    """The due date: some working days after receipt, moved so that the dossier is (not) on time."""
    due = midnight(working_day_after(day_of(received), limit)) + 17 * HOUR
    if resolved is None:
        return due
    if on_time and due < resolved:
        return midnight(day_of(resolved) + 1 + (rng.random() < 0.3)) + 17 * HOUR
    if not on_time and due >= resolved:
        return received + (resolved - received) * 7 // (10 * SECOND) * SECOND
    return min(due, received + 60 * DAY)
