"""Repeating a step until the component that it needs does it."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from emc.errors import EmcError
from emc.waiting import Waiting
from sinks.clickhouse.failures import NOT_MIGRATED, EngineUnavailable, QueryRefused
from streams.batch.failures import RestoredBehindUs, Stopped

T = TypeVar("T")
_log = logging.getLogger("emc.stream")
_LONGEST_PAUSE = 15.0


class RetryUntilStopped:
    """Repeats a step until it succeeds, with growing pauses, and tells what it waits for.

    `breaks` counts how often ClickHouse did not answer: it may have come back without what it had.
    """

    def __init__(self) -> None:
        self.breaks = 0
        self._waits: dict[int, Waiting] = {}
        self._stop = threading.Event()

    @property
    def waiting(self) -> Waiting | None:
        """What any thread waits for, None when none does."""
        return next(iter(list(self._waits.values())), None)

    def stop(self) -> None:
        """Ends all waiting, now and later, with Stopped."""
        self._stop.set()

    def until_done(self, step: Callable[[], T]) -> T:
        """The step's result; Stopped when the worker is to end first. RestoredBehindUs is let through."""
        pause, thread = 0.1, threading.get_ident()
        while True:
            try:
                result = step()
            except RestoredBehindUs:
                raise  # waiting would not help
            except EmcError as error:
                if _is_break(error):
                    self.breaks += 1
                waiting = Waiting.because_of(error)
                if self._waits.get(thread) != waiting:
                    _log.warning("waiting", extra=told(waiting))
                self._waits[thread] = waiting
            else:
                if waited := self._waits.pop(thread, None):
                    _log.info("going on", extra={"waited_for": waited.sentence})
                return result
            if self._stop.wait(pause):
                raise Stopped
            pause = min(pause * 2, _LONGEST_PAUSE)


def told(waiting: Waiting) -> dict[str, str]:
    """What a line of the log says of a waiting."""
    return {"waiting_for": waiting.sentence, "component": waiting.component.value}


def _is_break(error: EmcError) -> bool:
    """Whether ClickHouse did not answer, or has not the tables that it had."""
    if isinstance(error, QueryRefused):
        return error.code in NOT_MIGRATED
    return isinstance(error, EngineUnavailable) and error.code is None
