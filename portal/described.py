"""How routes say what they answer, so that the OpenAPI description is true."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import Match, Route
from starlette.types import Scope

from portal.answers import ANSWERS, Error
from portal.errors import REASONS

REFERENCE = "#/components/schemas/{name}"
JSON = "application/json"
ALWAYS = (400, 401, 403, 421, 429, 500, 503)
_encode = msgspec.json.encode


def answer(content: Mapping[str, Any] | msgspec.Struct, status: int = 200) -> Response:
    """A JSON answer; numbers unrounded."""
    return Response(_encode(content), status, media_type=JSON)


def answers(
    form: type, *also: int, status: int = 200, others: Iterable[str] = (), public: bool = False
) -> dict[str, Any]:
    """For a route's decorator: form of answer, further errors and media types; `public`: no token."""
    content: dict[str, Any] = {JSON: {"schema": reference(form)}}
    content |= {media: {"schema": {"type": "string"}} for media in others}
    told: dict[int | str, Any] = {status: {"description": form.__doc__ or "", "content": content}}
    told |= {code: _error(code) for code in sorted({*ALWAYS, *also})}
    extra: dict[str, Any] = {} if public else {"openapi_extra": {"security": [{"token": []}]}}
    return {"responses": told, "response_class": Response, "status_code": status, **extra}


def taking(form: type, told: dict[str, Any], media: str = JSON) -> dict[str, Any]:
    """What `answers` said, and that the route takes a body of this form."""
    body = {"required": True, "content": {media: {"schema": reference(form)}}}
    told["openapi_extra"] = told.get("openapi_extra", {}) | {"requestBody": body}
    return told


def reference(form: type) -> dict[str, str]:
    """Where the description of a form stands."""
    return {"$ref": REFERENCE.format(name=form.__name__)}


def _error(code: int) -> dict[str, Any]:
    said = [sentence for status, sentence in REASONS.values() if status == code]
    return {"description": "; ".join(said), "content": {JSON: {"schema": reference(Error)}}}


class _Plain(Route):
    """A route that tells which it is, as the framework's do."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        return match, {**found, "route": self}


def served_plainly(routes: APIRouter) -> Iterator[Route]:
    """The same routes without what the framework does for parameters, for those that take the request alone.

    Solving none is an eighth of what a single event costs in all. They stand before the described ones.
    """
    for route in routes.routes:
        if isinstance(route, APIRoute):
            yield _Plain(
                route.path, route.endpoint, methods=list(route.methods or ()), include_in_schema=False
            )


def describe(app: FastAPI, events: Mapping[str, Any]) -> None:
    """Makes the application describe itself; `events`: components of the types of events."""
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(_description(app, events))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _description(app: FastAPI, events: Mapping[str, Any]) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)  # what the framework would answer: it is 400 here
    _, forms = msgspec.json.schema_components(ANSWERS, ref_template=REFERENCE)
    components = found.setdefault("components", {})
    kept = {name: form for name, form in components.get("schemas", {}).items() if "Validation" not in name}
    components["schemas"] = kept | forms | dict(events)
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return found
