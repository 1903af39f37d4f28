"""`/connect`: from nothing to the first accepted event, and the last events of the agency as they arrive."""

import contextlib
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from emc.errors import InputError
from emc.instants import HANOI, format_instant, now_us
from portal.access.guard import Seen
from portal.errors import Forbidden
from portal.pages.frame import Frame
from portal.pages.sources import sources_of

_LAST = 20
_EXAMPLE = "H25"


class Arrival(NamedTuple):
    """An event that arrived, at an instant (ms). `refusal`: its reason, field and expected form; None: it was
    accepted.
    """

    at: int
    what: str
    source: str
    refusal: tuple[str, str, str] | None = None


def connect_routes(frame: Frame) -> APIRouter:
    """The page for who builds a connection."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/connect")
    def connect(request: Request, seen: Annotated[Seen, Depends(frame.guard.rates)]) -> Response:
        agency = seen.caller.agency or request.query_params.get("agency", _EXAMPLE)
        if agency not in frame.guard.registry:
            raise InputError("agency is not known, expected a code of the agency registry")
        model: dict[str, Any] = {
            "example": agency,
            "minute": format_instant(now_us() // 60_000_000 * 60_000_000, HANOI)[:16],
            "address": str(request.base_url).rstrip("/"),
            "may_read": False,
            "is_open": frame.guard.keeper.rules.mode == "open",
            "arrivals": [],
            "sources": [],
        }
        with contextlib.suppress(Forbidden):
            reader = frame.guard.dossiers(request).reader
            sources = (row for row in reader.sources() if row["agency"] == agency)
            model |= {
                "may_read": True,
                "arrivals": _arrivals(reader, agency),
                "sources": sources_of(sources, None)[::-1][:_LAST],
            }
        return frame.page(request, "connect.html", seen.caller, model)

    return routes


def _arrivals(reader: Any, agency: str) -> list[Arrival]:
    """Accepted and refused events together, the newest first."""
    accepted = [Arrival(row["at"], row["subject"], row["source"]) for row in reader.arrived(agency)]
    refused = [
        Arrival(
            _ms(row["rejected_at"]),
            row["subject"] or "",
            row["source"] or "",
            (row["reason"], row["path"], row["detail"]),
        )
        for row in reader.rejections(agency, _LAST)["rejections"]
    ]
    return sorted([*accepted, *refused], key=lambda arrival: arrival.at, reverse=True)[:_LAST]


def _ms(instant: str) -> int:
    return round(datetime.fromisoformat(instant).timestamp() * 1000)
