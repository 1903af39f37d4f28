"""Changing a session's secret every quarter of an hour: one that somebody saw does not open for long."""

import logging

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emc.errors import EmcError
from emc.instants import now_us
from portal.access.keeper import Keeper
from portal.access.sign_in import set_cookie
from sinks.access.sessions import Session

_log = logging.getLogger("emc.access")


class Rotation:
    """ASGI middleware: answers of a session whose secret is old bring a new one."""

    def __init__(self, app: ASGIApp, keeper: Keeper) -> None:
        self._app, self._keeper = app, keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on."""

        async def answer(message: Message) -> None:
            session: Session | None = scope.get("state", {}).get("session")
            if message["type"] == "http.response.start" and session is not None:
                await self._rotate(session, scope, message)
            await send(message)

        await self._app(scope, receive, answer)

    async def _rotate(self, session: Session, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        if not session.is_due(now_us() // 1000) or "set-cookie" in headers:
            return
        try:
            _, secret = await run_in_threadpool(self._keeper.sessions.rotate, session)
        except EmcError as error:  # the old one still opens
            _log.warning("a session keeps its secret", extra={"reason": type(error).__name__})
            return
        self._keeper.forget(session)
        bearing = Response()
        set_cookie(bearing, secret, scope.get("scheme") == "https")
        headers.append("set-cookie", bearing.headers["set-cookie"])
