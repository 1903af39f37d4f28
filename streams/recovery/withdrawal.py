"""Long work in a thread that can be given up: whoever asked for it may go away before it is done."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from emc.errors import EmcError

T = TypeVar("T")
Look = Callable[[], None]
"""Called by the work between its parts; raises Withdrawn when nobody waits for it any more."""


class Withdrawn(EmcError):
    """Whoever asked for the work has gone; what was begun is given up."""


async def in_thread(step: Callable[[Look], T]) -> T:
    """As `asyncio.to_thread`; when it is cancelled, the step is told so, and has ended when this raises.

    So nothing runs on, and nothing is taken away under a step that cannot stop where it is.
    """
    withdrawn = threading.Event()

    def look() -> None:
        if withdrawn.is_set():
            raise Withdrawn("given up: whoever asked for it has gone")

    work = asyncio.ensure_future(asyncio.to_thread(step, look))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        withdrawn.set()
        await _ended(work)
        raise


async def _ended(work: asyncio.Future[T]) -> None:
    """Returns when it has ended, however often this is cancelled meanwhile."""
    while not work.done():
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            continue
    work.exception()
