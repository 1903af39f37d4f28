"""Whether the one who asked is still there: work that nobody waits for is to end."""

import asyncio
from typing import Any

from starlette.requests import Request


async def until_gone(request: Request, work: asyncio.Future[Any]) -> None:
    """Returns when the work is done, or its asker has closed the connection. The body must have been read."""
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
