"""Starting a service at a terminal: who has to wait is told for what."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from cli import printing

PATIENCE = 3.0
"""Seconds before anything is told: a start is usually over by then."""


@contextlib.asynccontextmanager
async def told(patience: float = PATIENCE) -> AsyncIterator[Callable[[str], None]]:
    """Takes what is waited for, and tells the latest on stderr, a line each, once that takes its time."""
    waiting: list[str] = []

    async def tell() -> None:
        shown = ""
        await asyncio.sleep(patience)
        while True:
            if waiting and waiting[-1] != shown:
                shown = waiting[-1]
                printing.say(shown, err=True)
            await asyncio.sleep(min(patience, 0.5))

    telling = asyncio.create_task(tell())
    try:
        yield waiting.append
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
