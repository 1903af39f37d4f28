"""GET /v1/incidents: what happened outside of the numbers and explains them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from emc.errors import InputError
from emc.instants import EARLIEST_DATE, LATEST_DATE, parse_date, parse_instant
from portal.access.guard import Guard, Seen
from portal.answers import Incidents
from portal.described import answer, answers
from portal.paging import checked_limit, page_of, place_of
from portal.parameters import IncidentParameters

MOST = 1000


def incident_routes(guard: Guard) -> APIRouter:
    """The route of incidents."""
    routes = APIRouter(prefix="/v1")

    @routes.get("/incidents", **answers(Incidents))
    def incidents(
        seen: Annotated[Seen, Depends(guard.rates)], asked: Annotated[IncidentParameters, Query()]
    ) -> Response:
        """Incidents that concern all, or an agency whose rates may be seen, the newest first."""
        days = _day("from", asked.from_, EARLIEST_DATE), _day("to", asked.to, LATEST_DATE)
        limit = checked_limit(asked.limit, MOST)
        after = None if asked.cursor is None else place_of(asked.cursor, tuple[int, str])
        found = seen.reader.incidents(asked.agency, days)
        page, following = page_of(
            found, lambda each: (-parse_instant(each["from"]), each["id"]), limit, after
        )
        return answer({"incidents": page, "next": following})

    return routes


def _day(name: str, text: str | None, default: date) -> date:
    if text is None:
        return default
    try:
        return parse_date(text)
    except ValueError:
        raise InputError(f"{name} is {text!r}, expected a date YYYY-MM-DD") from None
