"""Points of a batch at which a worker process can be made to kill itself.

The product has no hook for it: these wrap its methods in the process under test only.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from sinks.clickhouse.database import Database
from streams.agencies.store import Store
from streams.batch.outbox import Outbox
from streams.batch.rows import COLUMNS
from streams.reading.transport import SliceConsumer

SENDING, STORE, ACKNOWLEDGEMENT = "sending", "store", "acknowledgement"
POINTS = (SENDING, *COLUMNS, STORE, ACKNOWLEDGEMENT)
"""In the order of a batch."""


class Countdown:
    """Kills this process at the n-th time that it is asked."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def tick(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def kill_at(point: str, when: str, nth: int) -> None:
    """This process dies `when` ("before" or "after") the n-th time that it passes the point."""
    countdown = Countdown(nth)
    if point == ACKNOWLEDGEMENT:
        _wrap_async(SliceConsumer, "commit_batch", when, countdown)
    elif point == STORE:
        _wrap(Store, "write", when, countdown, lambda self, puts: True)
    elif point == SENDING:
        _wrap(Outbox, "deliver", when, countdown, lambda self, records: bool(records))
    else:
        _wrap(Database, "insert", when, countdown, lambda self, table, columns: table == point)


def _wrap(owner: type, name: str, when: str, countdown: Countdown, concerns: Callable[..., bool]) -> None:
    wrapped: Callable[..., Any] = getattr(owner, name)

    def wrapper(*arguments: Any) -> Any:
        mine = concerns(*arguments)
        if mine and when == "before":
            countdown.tick()
        result = wrapped(*arguments)
        if mine and when == "after":
            countdown.tick()
        return result

    setattr(owner, name, wrapper)


def _wrap_async(owner: type, name: str, when: str, countdown: Countdown) -> None:
    wrapped: Callable[..., Any] = getattr(owner, name)

    async def wrapper(*arguments: Any) -> Any:
        if when == "before":
            countdown.tick()
        result = await wrapped(*arguments)
        if when == "after":
            countdown.tick()
        return result

    setattr(owner, name, wrapper)
