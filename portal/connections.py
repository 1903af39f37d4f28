"""Connections that strangers may open: so many, and for so long without a whole request, or unread.

The API runs beside the worker in one process, so nothing that the network can open without end may be shared.
Whoever lets the server wait, for a head, for the rest of a body, or for an answer to be read, is closed after
a while, and the one that has done so longest makes room when there are too many.
"""

import asyncio
from typing import Any, Literal

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from portal.errors import error

Part = Literal["head", "body"]
MOST = 256
"""Connections at a time, of at most this many file descriptors."""
WITHIN: dict[Part, float] = {"head": 10.0, "body": 60.0}
"""Seconds within which a connection sends the head of a request, the first and every later, and the rest."""
READ_EVERY = 30.0
"""Seconds in which a connection reads at least `READ_LEAST` bytes of an answer that is being kept for it."""
READ_LEAST = 32 * 1024


class BoundedConnections(H11Protocol):
    """uvicorn's connection, closed when what it is to do does not come in time.

    `waiting`: those of this server that let it wait, the longest first.
    """

    waiting: dict["BoundedConnections", asyncio.TimerHandle]
    _awaited: Part | None = None

    def connection_made(self, transport: Any) -> None:
        """Takes a connection in; the one that lets us wait longest goes when there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            next(iter(self.waiting), self)._close()
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Reads on; what is whole is no longer waited for."""
        super().data_received(data)
        self._expect()

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP as every error is answered."""
        told = error("invalid_request", "the request is no HTTP/1.1, or has no Host", {"Connection": "close"})
        answer = h11.Response(status_code=told.status_code, headers=told.raw_headers, reason=b"Bad Request")
        for event in (answer, h11.Data(data=bytes(told.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def pause_writing(self) -> None:
        """The answer is not being read as fast as it is given."""
        super().pause_writing()
        self._forget()
        self._await_reading()

    def resume_writing(self) -> None:
        """It has been read."""
        super().resume_writing()
        self._forget()
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._forget()
        super().connection_lost(exc)

    def _expect(self) -> None:
        """Waits for what is missing of a request, if anything is, from when it began to be missing."""
        if self.flow.write_paused or self.transport.is_closing():
            return
        missing = self._missing()
        if missing != self._awaited:
            self._forget()
            if missing is not None:
                self._awaited = missing
                self.waiting[self] = self.loop.call_later(WITHIN[missing], self._close)

    def _missing(self) -> Part | None:
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn's annotation says
        if cycle is None or cycle.response_complete:
            return "head"
        return "body" if cycle.more_body else None

    def _await_reading(self) -> None:
        kept = self.transport.get_write_buffer_size()
        self.waiting[self] = self.loop.call_later(READ_EVERY, self._look_at_reading, kept)

    def _look_at_reading(self, before: int) -> None:
        if self.transport.get_write_buffer_size() > before - READ_LEAST:
            self._close()
        else:
            self._await_reading()

    def _forget(self) -> None:
        self._awaited = None
        timer = self.waiting.pop(self, None)
        if timer is not None:
            timer.cancel()

    def _close(self) -> None:
        self._forget()
        self.transport.abort()


def bounded_connections() -> type[BoundedConnections]:
    """The class of one server's connections: servers do not take each other's room."""
    return type("Bounded", (BoundedConnections,), {"waiting": {}})
