"""What a worker is at: one of a few phases, changed by one function."""

import asyncio
import logging
from collections.abc import Mapping
from enum import StrEnum

_log = logging.getLogger("emc.worker")


class Phase(StrEnum):
    """A worker is in exactly one of them."""

    JOINING = "joining"
    """The group has given nothing yet that is to be taken over."""
    TAKING_OVER = "taking over"
    """The agencies of a lease are being opened or rebuilt."""
    WORKING = "working"
    """One batch after the other, under the lease that was taken over."""
    YIELDING = "yielding"
    """The group wants the partitions back: the batch at hand may end, none begins."""
    PAUSED = "paused"
    """Somebody else writes the tables."""
    WAITING = "waiting"
    """What was in memory is given up; the group is joined anew when the component answers."""
    LEAVING = "leaving"
    """Told to end: the batch at hand may end, nothing begins."""


FOLLOWING: Mapping[Phase, frozenset[Phase]] = {
    Phase.JOINING: frozenset((Phase.TAKING_OVER, Phase.YIELDING, Phase.PAUSED, Phase.WAITING, Phase.LEAVING)),
    Phase.TAKING_OVER: frozenset(
        (Phase.WORKING, Phase.JOINING, Phase.YIELDING, Phase.WAITING, Phase.LEAVING)
    ),
    Phase.WORKING: frozenset((Phase.JOINING, Phase.YIELDING, Phase.PAUSED, Phase.WAITING, Phase.LEAVING)),
    Phase.YIELDING: frozenset((Phase.JOINING, Phase.PAUSED, Phase.WAITING, Phase.LEAVING)),
    Phase.PAUSED: frozenset((Phase.WAITING, Phase.LEAVING)),
    Phase.WAITING: frozenset((Phase.JOINING, Phase.PAUSED, Phase.LEAVING)),
    Phase.LEAVING: frozenset(),
}
"""Which phases may follow each."""


class OutOfTurn(Exception):
    """A phase was to follow one that it cannot follow."""


class Phases:
    """The present phase. Any thread may ask; only the loop changes it."""

    def __init__(self) -> None:
        self._present = Phase.JOINING
        self._working = asyncio.Event()

    @property
    def present(self) -> Phase:
        """What the worker is at."""
        return self._present

    def may(self, phase: Phase) -> bool:
        """Whether the phase may follow the present one."""
        return phase in FOLLOWING[self._present]

    def enter(self, phase: Phase) -> None:
        """The one function by which the phase changes. OutOfTurn when it may not follow the present one."""
        asyncio.get_running_loop()  # raises in any other thread
        if not self.may(phase):
            raise OutOfTurn(f"{phase} cannot follow {self._present}")
        _log.debug("phase", extra={"before": self._present.value, "now": phase.value})
        self._present = phase
        if phase is Phase.WORKING:
            self._working.set()
        else:
            self._working.clear()

    async def until_working(self) -> None:
        """Returns when there is a lease that was taken over."""
        await self._working.wait()
