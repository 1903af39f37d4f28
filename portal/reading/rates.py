"""GET /v1/rates, as JSON, CSV or Parquet."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from emc.definitions import DEFINITIONS
from emc.errors import InputError
from emc.registry import GROUPS
from portal.access.guard import Guard, Seen
from portal.answers import Rates
from portal.described import JSON, answers
from portal.paging import checked_limit, page_of, place_of
from portal.parameters import RatePageParameters
from portal.reading.formats import CSV, FORMATS, PARQUET, Marks
from portal.reading.unchanged import unless_unchanged
from sinks.incidents.touching import days_of, of_rate
from sinks.queries.rate_query import RateQuery

MOST = 50_000
_NUMBER = {(found.metric, found.name): n for n, found in enumerate(DEFINITIONS)}
_PAGING = {"format", "limit", "cursor"}
_Place = tuple[str, int, int, str]


def rate_routes(guard: Guard) -> APIRouter:
    """The route of rates."""
    routes = APIRouter(prefix="/v1")

    @routes.get("/rates", **answers(Rates, others=(CSV, PARQUET)))
    def rates(
        request: Request,
        seen: Annotated[Seen, Depends(guard.rates)],
        asked: Annotated[RatePageParameters, Query()],
    ) -> Response:
        """Rates of agencies and groups, in a fixed order: by start, definition, agencies before groups."""
        limit = checked_limit(asked.limit, MOST)
        if asked.format not in ("json", *FORMATS):
            raise InputError(f"format is {asked.format!r}, expected one of json, {', '.join(FORMATS)}")
        after = None if asked.cursor is None else place_of(asked.cursor, _Place)
        found = seen.reader.rates(query_of(asked))
        page, following = page_of(found, place, limit, after)
        marks = _marks(guard, seen, asked, page)
        headers = {} if following is None else {"X-Next": following}
        if asked.format == "json":
            more: dict[str, Any] = {} if following is None else {"next": following}
            touching = {each["id"]: each for marked in marks for each in marked}
            more |= {"incidents": list(touching.values())} if touching else {}
            body = msgspec.json.encode({"rates": seen.reader.marked(page, query_of(asked)), **more})
            return unless_unchanged(request, body, JSON, headers)
        guard.record.note("exported", seen.caller, "/v1/rates", asked.format)
        media, write = FORMATS[asked.format]
        return unless_unchanged(request, write(page, marks), media, headers)

    return routes


def _marks(guard: Guard, seen: Seen, asked: RatePageParameters, page: list[dict[str, Any]]) -> Marks:
    """Of each rate of the page the incidents that touch it."""
    days = days_of(page)
    found = [] if days is None else seen.reader.incidents(asked.agency, days)
    return [of_rate(found, rate, guard.registry) if found else [] for rate in page]


def query_of(asked: RatePageParameters) -> RateQuery:
    """The rates asked for, without what says how they are to be answered."""
    return RateQuery(**asked.model_dump(exclude=_PAGING))


def place(rate: dict[str, Any]) -> _Place:
    """Where a rate stands in the list, as it sorts."""
    number = _NUMBER[rate["metric"], rate["definition"]]
    if "group" in rate:
        return rate["start"], number, 1, str(GROUPS.index(rate["group"]))
    return rate["start"], number, 0, rate["agency"]
