"""Dossiers that are odd but countable: each shows one of the warnings, none changes a planned count."""

from collections.abc import Callable
from random import Random
from typing import Literal

from emc.instants import HOUR, SECOND, day_of
from producers.simulator.dossier import Dossier, Fate
from producers.simulator.hours import Month, midnight
from producers.simulator.lifecycle import Change
from producers.simulator.systems import SourceSystem

Oddity = Literal[
    "resolved_before_received",
    "received_before_submitted",
    "code_date_differs",
    "status_without_date",
    "date_in_future",
    "conflict",
]
_EVERY = 150  # about one dossier in so many is odd
_FAR_FUTURE = 4_099_672_800 * SECOND  # in December 2099: the future whenever the play is played


class Oddities:
    """Makes one dossier in about 150 odd, the kinds in turn. (Those off the catalogue come apart.)"""

    def __init__(self, month: Month, rng: Random) -> None:
        self._start = midnight(month.first)
        self._rng = rng
        self._waiting = _EVERY // 3
        self._turn = 0

    def choose(self, dossier: Dossier, system: SourceSystem) -> Oddity | None:
        """The oddity of a dossier, None for most. What can be odd in its facts is changed in them here."""
        self._waiting -= 1
        oddity, suits = _KINDS[self._turn % len(_KINDS)]
        if self._waiting > 0 or not suits(dossier, self._start):
            return None
        self._turn += 1
        self._waiting = int(_EVERY * self._rng.uniform(0.7, 1.3))
        _change_facts(dossier, oddity, system)
        return oddity


def _change_facts(dossier: Dossier, oddity: Oddity, system: SourceSystem) -> None:
    if oddity == "resolved_before_received":
        dossier.resolved = dossier.received - HOUR
    elif oddity == "received_before_submitted":
        dossier.submitted = dossier.received + 2 * HOUR
    elif oddity == "code_date_differs":
        number = 500_000 + int(dossier.code.rpartition("-")[2])
        dossier.code = system.dossier_code(dossier.unit, day_of(dossier.received) - 1, number)
    elif oddity == "status_without_date":
        dossier.fate = Fate.DATELESS


def change_history(changes: list[Change], oddity: Oddity, system: SourceSystem) -> None:
    """Adds the oddities that lie in the events: a date far in the future, two values of equal standing."""
    last = changes[-1]
    if oddity == "date_in_future":
        changes.append(Change(last.time + HOUR, {"resolved_at": system.instant(_FAR_FUTURE)}))
    elif oddity == "conflict":
        last.fields["unit"] = system.units[0]
        changes.append(Change(last.time, {"unit": system.units[1]}, len(changes) - 1))


def _received(dossier: Dossier, start: int) -> bool:
    return dossier.fate in (Fate.RESOLVED, Fate.OPEN)


def _resolved_and_received(dossier: Dossier, start: int) -> bool:
    """Both in the month: an hour before an office hour lies on the same day."""
    return dossier.fate is Fate.RESOLVED and dossier.received > start


def _open(dossier: Dossier, start: int) -> bool:
    return dossier.fate is Fate.OPEN and dossier.received > start


def _turned_away(dossier: Dossier, start: int) -> bool:
    return dossier.fate in (Fate.TURNED_AWAY, Fate.PENDING)


_KINDS: tuple[tuple[Oddity, Callable[[Dossier, int], bool]], ...] = (
    ("resolved_before_received", _resolved_and_received),
    ("received_before_submitted", _received),
    ("code_date_differs", _received),
    ("status_without_date", _turned_away),
    ("date_in_future", _open),
    ("conflict", _received),
)
