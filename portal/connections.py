"""Connections that strangers may open: so many, and for so long without a whole request.

The API runs beside the worker in one process, so nothing that the network can open without end may be shared:
half-open connections are closed after a while, and the oldest of them makes room when there are too many.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 256
"""Connections at a time, of at most this many file descriptors."""
HEADERS_WITHIN = 10.0
"""Seconds within which a connection sends the head of its request, the first and every later one."""


class BoundedConnections(H11Protocol):
    """uvicorn's connection, closed when the head of a request does not come in time.

    `waiting`: those of this server that have no request under way, the oldest first.
    """

    waiting: dict["BoundedConnections", asyncio.TimerHandle]

    def connection_made(self, transport: Any) -> None:
        """Takes a connection in; the one that has waited longest goes when there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            next(iter(self.waiting), self)._close()
        if not transport.is_closing():
            self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Reads on; a head that is whole is no longer waited for."""
        super().data_received(data)
        if self._is_served():
            self._forget()
        elif self not in self.waiting and not self.transport.is_closing():
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._forget()
        super().connection_lost(exc)

    def _is_served(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn's annotation says
        return cycle is not None and not cycle.response_complete

    def _expect_head(self) -> None:
        self.waiting[self] = self.loop.call_later(HEADERS_WITHIN, self._close)

    def _forget(self) -> None:
        timer = self.waiting.pop(self, None)
        if timer is not None:
            timer.cancel()

    def _close(self) -> None:
        self._forget()
        self.transport.abort()


def bounded_connections() -> type[BoundedConnections]:
    """The class of one server's connections: servers do not take each other's room."""
    return type("Bounded", (BoundedConnections,), {"waiting": {}})
