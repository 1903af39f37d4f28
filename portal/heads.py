"""HEAD: what GET would answer, without the body. `curl -I`, monitors of uptime and load balancers ask so."""

from starlette.types import ASGIApp, Receive, Scope, Send

_ENDLESS = "/v1/rates/stream"
_PLACES = ("/v1/", "/metrics")
"""Only what programs read: a link that signs in once is not used up by who looks whether it is there."""


class Heads:
    """ASGI middleware: HEAD becomes GET for the routes. The server still knows, and sends no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; an answer that never ends has no HEAD."""
        if scope.get("method") != "HEAD" or not _is_read(scope["path"]):
            await self._app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, send)
        finally:
            scope["route"] = asked.get("route")  # for the access log


def _is_read(path: str) -> bool:
    return path.startswith(_PLACES) and path != _ENDLESS
