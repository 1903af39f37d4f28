"""Answers that are whole before anybody reads them: so many bytes of them are kept, and each only so long."""

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MOST = 128 << 20
"""Bytes of answers that are being read at a time."""
SMALL = 256 << 10
"""Bytes of an answer that is kept whatever else is: connections are bounded, and so are these."""
WITHIN = 60.0
"""Seconds in which an answer is read to its end."""
_PIECE = 64 << 10


class Room:
    """Where the answers of one server are kept until they are read."""

    def __init__(self) -> None:
        self._kept = 0

    def take(self, size: int) -> bool:
        """Whether there is room for so many bytes; then it is taken until `leave`."""
        if size > SMALL and self._kept + size > MOST:
            return False
        self._kept += size
        return True

    def leave(self, size: int) -> None:
        """Gives room back."""
        self._kept -= size


class Kept(Response):
    """An answer that takes room while it is being read; `full` is answered where there is none.

    It is handed over in pieces, so the connection keeps no second copy; who does not read loses it.
    """

    def __init__(self, room: Room, body: bytes, headers: Mapping[str, str], full: Response) -> None:
        super().__init__(body, headers=dict(headers), media_type="application/octet-stream")
        self._room, self._full = room, full

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, or what is said when there is no room."""
        size = len(self.body)
        if not self._room.take(size):
            await self._full(scope, receive, send)
            return
        try:
            async with asyncio.timeout(WITHIN):
                await self._send(send)
        except TimeoutError:  # an answer that is not whole: the server closes the connection
            return
        finally:
            self._room.leave(size)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body, size = memoryview(self.body), len(self.body)
        for place in range(0, max(size, 1), _PIECE):
            piece = bytes(body[place : place + _PIECE])
            is_last = place + _PIECE >= size
            await send({"type": "http.response.body", "body": piece, "more_body": not is_last})
