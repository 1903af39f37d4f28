"""The door: what every request passes before any route, and the access log that every answer leaves.

One place for everything that concerns headers rather than routes: the name in `Host`, a foreign `Origin`,
repeated parameters, security headers. Limits of connections and times are the server's: `portal.server`.
"""

import logging
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emc.access import Caller
from portal import errors
from portal.access.crowd import Crowd
from portal.access.record import Record
from portal.access.rules import Rules, is_ours
from portal.unread import Unread

_log = logging.getLogger("emc.access")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_RECORDED = frozenset({"unauthenticated", "forbidden", "foreign_origin", "wrong_host"})
_PORTS = {"http": 80, "https": 443}
_ALWAYS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "private, no-store",
}
"""Headers of every answer that does not set them itself."""


class Door:
    """ASGI middleware around the whole application."""

    def __init__(
        self, app: ASGIApp, rules: Rules, record: Record | None = None, crowd: Crowd | None = None
    ) -> None:
        self._app, self._rules, self._record, self._crowd = app, rules, record, crowd or Crowd()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request in, or answers it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["state"] = dict(scope.get("state") or {})
        begun, status = time.perf_counter(), 500
        body = Unread(scope, receive)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                await body.throw_away()
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            refusal = refusal_of(scope, self._rules)
            if refusal is None:
                await self._app(scope, body.receive, answer)
            else:
                scope["state"]["reason"] = refusal[0]
                headers = {"Connection": "close"} if refusal is _TWO_LENGTHS else None
                await errors.error(*refusal, headers)(scope, body.receive, answer)
        finally:
            self._crowd.leave(scope["state"])
            self._tell(scope, status, time.perf_counter() - begun)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        """The access log's line: no value of the request is in it."""
        caller: Caller | None = scope["state"].get("caller")
        route, reason = errors.route_of(scope), scope["state"].get("reason", "")
        who = "-" if caller is None else caller.token or caller.name
        said = {
            "who": who,
            "method": scope["method"] if scope["method"] in _METHODS else "other",
            "route": route,
            "agency": None if caller is None else caller.agency,
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        _log.info("request", extra=said)
        if reason in _RECORDED and self._record is not None:
            self._record.note("refused", caller, route, reason)


_METHODS = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}


_TWO_LENGTHS = "invalid_request", "the length of the body is told in two ways, expected one"
"""A proxy may have believed the other one: what follows could be a request that somebody hid from it."""


def refusal_of(scope: Scope, rules: Rules) -> tuple[str, str] | None:
    """The reason and sentence with which a request is refused at the door; None lets it in."""
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _names_us(hosts[0], rules):
        return "wrong_host", "the name in the header Host is not one of this service; EMC_HOSTS lists more"
    if scope["method"] not in _SAFE and not _is_same_site(headers, hosts[0]):
        return "foreign_origin", "a page of another site may not write here"
    if "transfer-encoding" in headers and "content-length" in headers:
        return _TWO_LENGTHS
    return _repeated(scope["query_string"])


def _names_us(host: str, rules: Rules) -> bool:
    name = _split(host)[0]
    return name is not None and is_ours(name, rules)


def _split(host: str) -> tuple[str | None, int | None]:
    """The name, in small letters and without brackets, and the port; (None, None) for what is no host."""
    if not host.isascii() or any(sign in host for sign in "@/\\?# \t"):
        return None, None
    try:
        parts = urlsplit(f"//{host}")
        return parts.hostname, parts.port
    except ValueError:
        return None, None


def _is_same_site(headers: Headers, host: str) -> bool:
    """Whether a write comes from no page, or from one of this very address."""
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return False
    origins = headers.getlist("origin")
    return all(_is_origin(origin, host) for origin in origins)


def _is_origin(origin: str, host: str) -> bool:
    scheme, _, place = origin.partition("://")
    if scheme not in _PORTS:
        return False
    name, port = _split(place)
    own_name, own_port = _split(host)
    default = _PORTS[scheme]
    return name is not None and (name, port or default) == (own_name, own_port or default)


def _repeated(query: bytes) -> tuple[str, str] | None:
    given = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
    if len(given) == len(set(given)):
        return None
    return "invalid_request", "a parameter was given more than once, expected each at most once"
