"""One shape for every error of the API: `{"error": "one sentence"}`, and a status that says whose fault."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from emc.errors import EmcError, InputError

_log = logging.getLogger("emc.api")


class NotFound(InputError):
    """What was asked for by its name does not exist."""


def error(status: int, sentence: str) -> JSONResponse:
    """An error as the API answers it."""
    return JSONResponse({"error": sentence}, status_code=status)


def install(app: FastAPI) -> None:
    """Makes the application answer every failure in this shape."""
    app.add_exception_handler(EmcError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _told(request: Request, failure: Exception) -> JSONResponse:
    if isinstance(failure, NotFound):
        return error(404, str(failure))
    if isinstance(failure, InputError):
        return error(400, str(failure))
    _log.warning("request failed", extra={"path": request.url.path, "reason": str(failure)})
    return error(503, str(failure))


def _invalid(request: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, RequestValidationError)
    return error(400, _sentence(failure.errors()[0]))


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


def _http(request: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, HTTPException)
    said = {404: "there is no such address", 405: "this address takes no such method"}
    answer = error(failure.status_code, said.get(failure.status_code, str(failure.detail)))
    answer.headers.update(failure.headers or {})
    return answer


def _unexpected(request: Request, failure: Exception) -> JSONResponse:
    """The server's log has the trace; the answer tells nothing of the inside."""
    return error(500, "the service failed to answer; its log says why")
