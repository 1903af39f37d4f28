"""One shape for every error, `{"error": "one sentence", "reason": "slug"}`; the status says whose fault.

The reasons, all of them, stand in `REASONS`; the page docs/api.md and the OpenAPI description show them.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from emc.errors import ComponentError, EmcError, InputError
from sinks.queries.visible import NotVisible

_log = logging.getLogger("emc.api")

REASONS: Mapping[str, tuple[int, str]] = {
    "invalid_request": (400, "asked wrongly: a parameter, its form, or the body as a whole"),
    "unauthenticated": (401, "no token, or one that is wrong, has expired or was revoked"),
    "forbidden": (403, "the token lacks the scope, or this belongs to another agency"),
    "foreign_origin": (403, "a page of another site wants to write"),
    "not_found": (404, "there is no such address, or nothing of that name that the caller may see"),
    "method_not_allowed": (405, "the address takes no such method"),
    "too_large": (413, "the body is larger than allowed"),
    "unsupported_media_type": (415, "the content type or encoding is none that is read here"),
    "wrong_host": (421, "the name in the header Host is not one of this service"),
    "too_many_requests": (429, "more than allowed; Retry-After says when to come again"),
    "internal": (500, "the service failed; its log says why"),
    "unavailable": (503, "a component does not answer now; asking again later may succeed"),
}


class NotFound(InputError):
    """What was asked for by its name does not exist."""


@contextmanager
def asked_by_name() -> Iterator[None]:
    """What a reader does not know by the name in the address is NotFound, not a wrong question."""
    try:
        yield
    except InputError as failure:
        raise NotFound(str(failure)) from None


class Refused(EmcError):
    """A request that is refused for a reason of `REASONS`; `headers` go with the answer."""

    reason = "invalid_request"

    def __init__(self, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.headers = headers or {}


class Unauthenticated(Refused):
    """It cannot be told who asks."""

    reason = "unauthenticated"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, {"WWW-Authenticate": "Bearer"})


class Forbidden(Refused):
    """The caller may not do that."""

    reason = "forbidden"


class TooLarge(Refused):
    """The body is larger than allowed."""

    reason = "too_large"


class UnsupportedMediaType(Refused):
    """The body is of a kind that is not read."""

    reason = "unsupported_media_type"


class TooManyRequests(Refused):
    """More than a caller may send; `seconds` until there is room again."""

    reason = "too_many_requests"

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence, {"Retry-After": str(max(1, seconds))})


def error(reason: str, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error as every address answers it."""
    content = {"error": sentence, "reason": reason}
    return JSONResponse(content, REASONS[reason][0], headers=dict(headers or {}))


def install(app: FastAPI) -> None:
    """Makes the application answer every failure in this shape."""
    app.add_exception_handler(EmcError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


def told(failure: Exception) -> JSONResponse:
    """The answer to a failure whose text is meant for who asks."""
    headers = dict(failure.headers) if isinstance(failure, Refused) else {}
    if isinstance(failure, ComponentError):
        headers["Retry-After"] = "1"
    return error(reason_of(failure), str(failure), headers)


def reason_of(failure: Exception) -> str:
    """The reason of `REASONS` for a failure whose text is meant for who asks."""
    if isinstance(failure, Refused):
        return failure.reason
    if isinstance(failure, NotVisible):
        return "forbidden"
    if isinstance(failure, NotFound):
        return "not_found"
    return "invalid_request" if isinstance(failure, InputError) else "unavailable"


def _told(request: Request, failure: Exception) -> Response:
    request.state.reason = reason_of(failure)
    if isinstance(failure, Unauthenticated) and _is_page(request):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(asked)}", 303)
    answer = told(failure)
    if answer.status_code == 503:
        _log.warning("request failed", extra={"route": route_of(request.scope), "reason": str(failure)})
    return _for_people(request, answer)


def _is_page(request: Request) -> bool:
    """Whether a person waits for a page, who can sign in."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _for_people(request: Request, answer: JSONResponse) -> Response:
    """The answer as it is, or as a page where a person waits for one and the application has pages."""
    page: Callable[[Request, JSONResponse], Response] | None = getattr(request.app.state, "error_page", None)
    return answer if page is None or not _is_page(request) else page(request, answer)


def route_of(scope: Mapping[str, Any]) -> str:
    """The route that answers a request, as it is declared: the path itself may hold a dossier's code."""
    return str(getattr(scope.get("route"), "path", "") or "")


def _invalid(request: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, RequestValidationError)
    return error("invalid_request", _sentence(failure.errors()[0]))


def _sentence(problem: Mapping[str, Any]) -> str:
    """What is wrong with one query parameter: its name, its value, what is expected."""
    place: Sequence[Any] = problem["loc"]
    name, kind = str(place[-1]), problem["type"]
    if kind == "extra_forbidden":
        return f"{name} is no parameter of this address"
    if kind == "missing":
        return f"{name} is missing"
    wanted = {"int_parsing": "an integer", "bool_parsing": "true or false"}.get(kind, problem["msg"])
    return f"{name} is {problem['input']!r}, expected {wanted}"


_OF_STATUS = {404: "not_found", 405: "method_not_allowed"}
_SENTENCES = {404: "there is no such address", 405: "this address takes no such method"}


def _http(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)
    reason = _OF_STATUS.get(failure.status_code, "invalid_request")
    sentence = _SENTENCES.get(failure.status_code, str(failure.detail))
    return _for_people(request, error(reason, sentence, failure.headers))


def _gone(request: Request, failure: Exception) -> JSONResponse:
    """Who sent half a body and left: nobody reads the answer, and no trace tells of it."""
    return error("invalid_request", "the body breaks off")


def _unexpected(request: Request, failure: Exception) -> JSONResponse:
    """The server's log has the trace; the answer tells nothing of the inside."""
    return error("internal", "the service failed to answer; its log says why")
