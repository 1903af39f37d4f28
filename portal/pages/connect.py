"""`/connect`: from nothing to the first accepted event, and the last events of the agency as they arrive."""

import contextlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from portal.access.guard import Seen
from portal.errors import Forbidden
from portal.pages.frame import Frame
from portal.pages.sources import sources_of

_LAST = 20


def connect_routes(frame: Frame) -> APIRouter:
    """The page for who builds a connection."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/connect")
    def connect(request: Request, seen: Annotated[Seen, Depends(frame.guard.rates)]) -> Response:
        agency = seen.caller.agency or "H25"
        model: dict[str, Any] = {
            "example": agency,
            "address": str(request.base_url).rstrip("/"),
            "may_read": False,
            "refused": [],
            "sources": [],
        }
        with contextlib.suppress(Forbidden):
            reader = frame.guard.dossiers(request).reader
            refused = reader.rejections(seen.caller.agency, _LAST)["rejections"]
            model |= {
                "may_read": True,
                "refused": refused,
                "sources": sources_of(reader.sources(), None)[::-1][:_LAST],
            }
        return frame.page(request, "connect.html", seen.caller, model)

    return routes
