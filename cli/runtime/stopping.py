"""Ctrl-C and SIGTERM: the first asks to end in order, the second ends at once."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A thread of a library that never ends must not keep a service that has done its work from ending.
_EXIT_PATIENCE = 5.0


class Interrupted(Exception):
    """The user, or the system, asked to end."""


class Stop:
    """Whether the end was asked for: to be awaited, or looked at from threads."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._waiting = asyncio.Event()

    def ask(self) -> None:
        """Called for a signal; the second time it ends the process without further steps.

        The broker ends with it all the same: the kernel tells it that its parent is gone.
        """
        if self.asked.is_set():
            os._exit(130)
        self.asked.set()
        self._waiting.set()

    async def wait(self) -> None:
        """Returns when the end was asked for."""
        await self._waiting.wait()

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of the work; Interrupted as soon as the end is asked for, the work cancelled."""
        task, waiting = asyncio.create_task(work), asyncio.create_task(self.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait({task})
        raise Interrupted


def run(main: Callable[[Stop], Coroutine[Any, Any, int]]) -> int:
    """Runs a service to its end and returns its exit code; being told to end is no failure."""

    async def body() -> int:
        stop = Stop()
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, stop.ask)
        code = 1
        try:
            code = await main(stop)
        except Interrupted:
            code = 0
        finally:
            _end_soon(code)
        return code

    return asyncio.run(body())


def _end_soon(code: int) -> None:
    """From here on only the interpreter's own end is left; sees that it comes."""

    def end() -> None:
        sys.stdout.flush()
        os._exit(code)

    guard = threading.Timer(_EXIT_PATIENCE, end)
    guard.daemon = True
    guard.start()
