"""All pages of an application, their stylesheet, and errors as a person reads them."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import FileResponse, JSONResponse

from portal.access.guard import Guard
from portal.errors import NotFound
from portal.pages.agency import agency_routes
from portal.pages.board import board_routes
from portal.pages.connect import connect_routes
from portal.pages.dossier import dossier_routes
from portal.pages.frame import STATIC, Frame
from portal.pages.kept import KeptPages
from portal.pages.missing import missing_routes
from portal.pages.objections import objection_routes
from portal.pages.operate import operate_routes
from portal.pages.rate import rate_routes
from portal.pages.reconciling import reconciling_routes
from portal.pages.snapshots import snapshot_routes
from portal.pages.upload import upload_routes
from portal.uploads.room import Uploads
from sinks.prometheus.limits import Limits

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_ASK_AGAIN = {"Cache-Control": "no-cache"}


def add_pages(
    app: FastAPI,
    guard: Guard,
    health: Callable[[], dict[str, Any]],
    limits: Limits | None,
    uploads: Uploads | None = None,
) -> KeptPages:
    """Adds the pages, and gives back those that are kept, to be closed before the tables are.

    `limits`: thresholds to show beside the rates, None where none are known; `uploads`: where files may be
    uploaded.
    """
    frame = Frame(guard, uploads is not None)
    app.include_router(_static(frame))
    app.include_router(board_routes(frame, limits))
    app.include_router(missing_routes(frame))
    app.include_router(agency_routes(frame, limits))
    app.include_router(rate_routes(frame))
    app.include_router(dossier_routes(frame))
    app.include_router(snapshot_routes(frame))
    app.include_router(objection_routes(frame))
    app.include_router(reconciling_routes(frame))
    app.include_router(connect_routes(frame))
    if uploads is not None:
        app.include_router(upload_routes(frame, uploads, health))
    app.include_router(operate_routes(frame, health, limits))
    app.state.error_page = _error_page(frame)
    return frame.kept


def _static(frame: Frame) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    files = {file.name: file for file in STATIC.iterdir()}

    @routes.get("/static/{digest}/{name}")
    def static(digest: str, name: str) -> Response:
        if name not in files:
            raise NotFound("there is no such address")
        is_this = digest == frame.digest(name)
        return FileResponse(files[name], headers=_FOR_EVER if is_this else _ASK_AGAIN)

    return routes


def _error_page(frame: Frame) -> Callable[[Request, JSONResponse], Response]:
    """An error for a person: the same status and sentence as for a program."""

    def shown(request: Request, answer: JSONResponse) -> Response:
        caller = getattr(request.state, "caller", None)
        model = {"status": answer.status_code}
        asked = Request({**request.scope, "query_string": b""})  # what is wrong may be the language
        return frame.page(asked, "error.html", caller, model, answer.status_code)

    return shown
