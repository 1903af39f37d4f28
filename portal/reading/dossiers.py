"""Dossiers of a rate, and one dossier explained."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from emc.errors import InputError
from emc.identifiers import dossier_agency
from portal.access.guard import Guard, Seen
from portal.answers import Dossiers, Explanation
from portal.described import answer, answers
from portal.errors import asked_by_name
from portal.paging import checked_limit, cursor_of, place_of
from portal.parameters import DossierParameters, NoParameters

MOST = 10_000
_Place = tuple[str, str]


def dossier_routes(guard: Guard) -> APIRouter:
    """The routes of dossiers."""
    routes = APIRouter(prefix="/v1/dossiers")

    @routes.get("", **answers(Dossiers))
    def dossiers(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[DossierParameters, Query()]
    ) -> Response:
        """The dossiers of a rate's denominator, each with what decides whether it counts."""
        limit = checked_limit(asked.limit, MOST)
        after = None if asked.cursor is None else place_of(asked.cursor, _Place)
        chosen = asked.model_dump(exclude={"limit", "cursor"})
        found = list(seen.reader.dossiers(**chosen, after=after, limit=limit + 1))
        page = found[:limit]
        following = cursor_of(_place(page[-1])) if len(found) > limit else None
        if page:
            guard.record.note("exported", seen.caller, "/v1/dossiers")
        return answer({"dossiers": page, "next": following})

    @routes.get("/{dossier}/explanation", **answers(Explanation, 404))
    def explanation(
        dossier: Annotated[str, Path(description="A dossier code")],
        seen: Annotated[Seen, Depends(guard.dossiers)],
        _: Annotated[NoParameters, Query()],
    ) -> Response:
        """One dossier: its events, its state, and every rate that it counts in."""
        if dossier_agency(dossier) is None:
            raise InputError(f"dossier is {dossier!r}, expected a code like 000.00.16.H25-240305-0007")
        with asked_by_name():
            return answer(seen.reader.explain(dossier))

    return routes


def _place(row: dict[str, str]) -> _Place:
    """Where a row stands: by day and code; a procedure's by code alone."""
    return ("", row["procedure"]) if "valid_from" in row else (row["day"], row["dossier"])
