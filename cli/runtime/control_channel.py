"""The service's side of the control channel: commands by name, over HTTP on the data directory's socket."""

import asyncio
import contextlib
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cli.runtime.control_client import KINDS, Refusal
from cli.runtime.control_socket import NAME, listen
from emc.errors import ComponentError, EmcError
from portal.leaving import until_gone

_log = logging.getLogger("emc.service")
Command = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]
Work = asyncio.Task[dict[str, Any]]


class ControlChannel:
    """Carries out what commands on the data directory ask, from `start` to `stop`, on the running loop.

    A command whose asker has gone, killed or interrupted, is cancelled.
    """

    def __init__(self, data_dir: Path, known: Mapping[str, Command]) -> None:
        self._data_dir, self._known = data_dir, known
        self._under_way: set[Work] = set()
        self._serving: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listens from now on; DataDirectoryError when the socket cannot be made."""
        app = Starlette(routes=[Route("/{name}", self._answer, methods=["POST"])])
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        self._server = _Server(config)
        listening = listen(self._data_dir)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))

    async def stop(self) -> None:
        """Gives up what is under way and closes the socket. May be repeated."""
        if self._serving is None:
            return
        for work in self._under_way:
            work.cancel()
        self._server.should_exit = True
        await asyncio.wait({self._serving})
        self._serving = None
        (self._data_dir / NAME).unlink(missing_ok=True)

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._known:
            return _refused(ComponentError(f"the service knows no command {name}; is it of another version?"))
        asked = msgspec.json.decode(await request.body())
        begun, said = time.monotonic(), {"command": name, **_loggable(asked)}
        _log.info("command begins", extra=said)
        work: Work = asyncio.ensure_future(self._known[name](asked))
        self._under_way.add(work)
        try:
            await _until_gone(request, work)
            _log_end(work, {**said, "seconds": round(time.monotonic() - begun, 1)})
            return _told(work)
        finally:
            self._under_way.discard(work)


async def _until_gone(request: Request, work: Work) -> None:
    """Returns when the work has ended: by itself, or cancelled because nobody waits for its answer."""
    await until_gone(request, work)
    if not work.done():
        work.cancel()
        await asyncio.wait({work})


def _loggable(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Which folder, or what to make anew; of a token only what is done with it."""
    said = {name: asked[name] for name in ("folder", "source") if name in asked}
    wish = asked.get("wish")
    return {**said, "do": wish.get("do")} if isinstance(wish, Mapping) else said


def _log_end(work: Work, said: dict[str, Any]) -> None:
    """A command that did its work, one that did not, and one that nobody waited for read differently."""
    if work.cancelled():
        _log.warning("command given up: its asker has gone, or the service ends", extra=said)
    elif (error := work.exception()) is None:
        counts = {name: value for name, value in work.result().items() if isinstance(value, int)}
        _log.info("command done", extra=said | counts)
    elif isinstance(error, EmcError):
        _log.error("command failed", extra={**said, "reason": str(error)})
    else:  # the text of an unforeseen error could quote a value: only its kind and place are logged
        kind, stack = type(error).__name__, traceback.format_tb(error.__traceback__)
        _log.error("command failed", extra={**said, "reason": kind, "stack": stack})


def _told(work: Work) -> Response:
    if work.cancelled():
        return _refused(ComponentError("the service ended before it was done"))
    error = work.exception()
    if error is None:
        return Response(msgspec.json.encode(work.result()), media_type="application/json")
    if isinstance(error, EmcError):
        return _refused(error)
    return _refused(ComponentError(f"the service failed ({type(error).__name__}); its log says why"))


def _refused(error: EmcError) -> Response:
    kind = next(base.__name__ for base in type(error).__mro__ if base.__name__ in KINDS)
    return Response(msgspec.json.encode(Refusal(kind, str(error))), 409, media_type="application/json")


class _Server(uvicorn.Server):
    """On a loop that has its own ways with signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield
