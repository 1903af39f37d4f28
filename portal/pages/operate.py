"""`/operate`: how the monitor itself is, for operators."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from portal.access.guard import Seen
from portal.pages.frame import Frame
from portal.pages.sources import sources_of
from sinks.prometheus.limits import Limits

_LAST = 30


def operate_routes(frame: Frame, health: Callable[[], dict[str, Any]], limits: Limits | None) -> APIRouter:
    """The operators' page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/operate")
    def operate(request: Request, seen: Annotated[Seen, Depends(frame.guard.admin)]) -> Response:
        sources = sources_of(seen.reader.sources(), limits)
        model = {
            "health": health(),
            "silent": [source for source in sources if source.is_silent],
            "sources": len(sources),
            "causes": seen.reader.causes(),
            "record": seen.reader.access_record(_LAST)[0],
        }
        return frame.page(request, "operate.html", seen.caller, model)

    return routes
