"""What a worker does all the time: a duty ends when the worker is to leave, and never without a word."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable

from streams.reading.cancellation import own_cancellation

_log = logging.getLogger("emc.worker")
_PAUSE = 1.0


async def keep_on(name: str, duty: Callable[[], Awaitable[None]], is_leaving: Callable[[], bool]) -> None:
    """Performs a duty; one that ends before the worker is to leave is told of in the log and begun again.

    A worker that lacks one of its duties still holds its partitions, so nobody else would work on them.
    """
    while True:
        reason, stack = "it has ended", list[str]()
        try:
            with own_cancellation():
                await duty()
        except Exception as error:  # its text could quote a value: only its kind and place are logged
            reason, stack = type(error).__name__, traceback.format_tb(error.__traceback__)
        if is_leaving():
            return
        _log.error("a duty is begun again", extra={"duty": name, "reason": reason, "stack": stack})
        await asyncio.sleep(_PAUSE)
