"""Why a rate moved: its change by its parts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from portal.access.guard import Guard, Seen
from portal.answers import Change
from portal.described import answer, answers
from portal.parameters import ChangeParameters
from sinks.queries.change_query import ChangeQuery


def change_routes(guard: Guard) -> APIRouter:
    """The route of changes."""
    routes = APIRouter(prefix="/v1")

    @routes.get("/changes", **answers(Change))
    def changes(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[ChangeParameters, Query()]
    ) -> Response:
        """The change of an agency's rate between two stretches of days, split exactly by its parts."""
        return answer(seen.reader.why(ChangeQuery(**asked.model_dump())))

    return routes
