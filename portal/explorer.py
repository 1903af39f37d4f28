"""For people who write programs: the API to try out, and the descriptions of API and events."""

from pathlib import Path
from typing import Any

import msgspec
import swagger_ui
from fastapi import APIRouter, Response
from starlette.responses import FileResponse

from emc.event_schemas import asyncapi, json_schema
from portal.access.door_pages import PAGE_POLICY
from portal.errors import NotFound

_ASSETS = Path(swagger_ui.__file__).parent / "static"
_OWN = Path(__file__).parent / "static"
_FILES = {
    "swagger-ui.css": (_ASSETS, "text/css"),
    "swagger-ui-bundle.js": (_ASSETS, "text/javascript"),
    "explorer.js": (_OWN, "text/javascript"),
}
_POLICY = f"{PAGE_POLICY}; img-src 'self' data:"


def explorer_routes() -> APIRouter:
    """/v1/docs and what it is made of, /v1/schemas/events.json, /v1/asyncapi.json; for everybody."""
    routes = APIRouter(prefix="/v1", include_in_schema=False)
    schema, description = _json(json_schema()), _json(asyncapi())

    @routes.get("/docs")
    def docs() -> Response:
        """The page."""
        page = (_OWN / "explorer.html").read_bytes()
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": _POLICY})

    @routes.get("/docs/{name}")
    def asset(name: str) -> Response:
        """One of its files; nothing of it comes from elsewhere."""
        if name not in _FILES:
            raise NotFound("there is no such address")
        folder, media = _FILES[name]
        return FileResponse(folder / name, media_type=media, headers={"Cache-Control": "max-age=86400"})

    @routes.get("/schemas/events.json")
    def events() -> Response:
        """JSON Schema of an event."""
        return Response(schema, media_type="application/schema+json")

    @routes.get("/asyncapi.json")
    def topics() -> Response:
        """AsyncAPI of the topic of events."""
        return Response(description, media_type="application/json")

    return routes


def _json(content: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content))
