"""Waiting for what others do: a worker that reads, a process that starts, a broker that answers.

A limit is for what hangs, not for a machine that is busy.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from streams.supervision.worker import Worker

_LOOK = 0.1


async def until(done: Callable[[], object], patience: float = 100.0) -> None:
    """Returns when `done()`, called in a thread, is true; TimeoutError after so many seconds."""
    async with asyncio.timeout(patience):
        while not await asyncio.to_thread(done):  # noqa: ASYNC110 – what is asked has no event of its own
            await asyncio.sleep(_LOOK)


async def caught_up(worker: Worker, patience: float = 100.0) -> None:
    """Returns when every message of the topic is committed, and so every rate written."""
    await until(lambda: worker.topic.lag() == 0, patience)


async def digest(*workers: Worker, patience: float = 100.0) -> None:
    """Runs the workers until the topic is read."""
    for worker in workers:
        await worker.start()
    try:
        await caught_up(workers[0], patience)
    finally:
        for worker in workers:
            await worker.stop()


def eventually(holds: Callable[[], Any], patience: float = 150.0, what: str = "") -> None:
    """Returns when `holds()` is true; fails after `patience` seconds. For tests without a loop."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain {what}"
        time.sleep(_LOOK)
