"""`/dossiers/CODE`: one dossier. What was said of it, how it stands, and in which rates it counts and why."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from emc.errors import InputError
from emc.identifiers import dossier_agency
from portal.access.guard import Seen
from portal.errors import NotFound
from portal.pages.frame import Frame


def dossier_routes(frame: Frame) -> APIRouter:
    """The page of a dossier, and the way to it from a form."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/dossiers")
    def look_up(request: Request, seen: Annotated[Seen, Depends(frame.guard.dossiers)]) -> Response:
        code = request.query_params.get("code", "").strip()
        if dossier_agency(code) is None:
            return frame.page(request, "unknown_dossier.html", seen.caller, {"is_code": False}, 404)
        language = request.query_params.get("lang")
        return RedirectResponse(f"/dossiers/{code}" + (f"?lang={language}" if language == "en" else ""), 303)

    @routes.get("/dossiers/{code}")
    def dossier(
        request: Request, code: str, seen: Annotated[Seen, Depends(frame.guard.dossiers)]
    ) -> Response:
        if dossier_agency(code) is None:
            raise NotFound("there is no such dossier")
        try:
            found = seen.reader.explain(code)
        except InputError:  # unknown, or another agency's: answered alike
            return frame.page(request, "unknown_dossier.html", seen.caller, {"is_code": True}, 404)
        return frame.page(request, "dossier.html", seen.caller, {"found": found})

    return routes
