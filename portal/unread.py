"""Bodies that nobody reads: a request that is refused for its head is still being sent.

Who sends reads the answer when its request is sent; a proxy that is answered before closes its connection,
and the refusal is lost with it. So the rest is thrown away before an answer begins, where it is little.
"""

import asyncio
import contextlib

from starlette.types import Message, Receive, Scope

MOST = 32 * 1024 * 1024
"""Bytes that are thrown away at most, and the seconds that this may take."""
WITHIN = 5.0


class Unread:
    """The body of one request, as the application receives it."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        # Who asks first whether to send has sent nothing yet.
        self._is_over = any(name == b"expect" for name, _ in scope["headers"])

    async def receive(self) -> Message:
        """The next message, for the application."""
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._is_over = True
        return message

    async def throw_away(self) -> None:
        """Reads what is left. Afterwards an answer may begin."""
        left = MOST
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WITHIN):
                while not self._is_over and left > 0:
                    left -= len((await self.receive()).get("body", b""))
        self._is_over = True
