"""`/agencies/CODE/missing`: the dossiers of a rate that do not count in it, each with the reason."""

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from emc.errors import InputError
from portal.access.guard import Seen
from portal.pages.frame import Frame
from portal.pages.measures import Measure, definition_of
from portal.pages.periods import period_of
from portal.reading.remembered import Remembered
from sinks.queries.rate_query import definitions_of

_AT_ONCE = 100


def missing_routes(frame: Frame) -> APIRouter:
    """The page of missing dossiers."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/agencies/{code}/missing")
    def missing(
        request: Request, code: str, seen: Annotated[Seen, Depends(frame.guard.dossiers)]
    ) -> Response:
        def model(reading: Remembered) -> dict[str, Any]:
            return _model(request, seen, reading, code)

        return frame.kept_page(request, "missing.html", seen, model)

    return routes


def _model(request: Request, seen: Seen, reading: Remembered, code: str) -> dict[str, Any]:
    given = request.query_params
    definition = definitions_of(given.get("metric", "data_reuse"), given.get("definition"))[0]
    period, skipped = period_of(request, reading), _page(given.get("page", "1"))
    until = (skipped + 1) * _AT_ONCE + 1
    found = seen.reader.dossiers(
        definition.metric, code, period.name, period.first, True, definition.name, limit=until
    )
    rows = list(islice(found, skipped * _AT_ONCE, until))
    measure = Measure(definition.metric, definition.name)
    return {
        "code": code,
        "period": period,
        "measure": measure,
        "definition": definition_of(measure),
        "rows": rows[:_AT_ONCE],
        "page": skipped + 1,
        "has_more": len(rows) > _AT_ONCE,
    }


def _page(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:6]) <= 10_000:
        raise InputError("page is not known, expected a number from 1 to 10000")
    return int(text) - 1
