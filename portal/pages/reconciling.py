"""`/reconcile`: an agency's own list of dossiers held against what is counted; nothing of it is kept."""

import io
from collections.abc import Mapping
from datetime import date
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from emc.errors import EmcError, InputError
from portal.access.guard import Seen
from portal.errors import TooLarge
from portal.pages.frame import Frame
from portal.pages.typed import day_of
from portal.reconciling import LARGEST, as_table
from portal.uploads.file_form import read_file_form
from sinks.disputes.reconcile_query import Reconciling
from sinks.disputes.reconciliation import Reconciliation
from sinks.disputes.their_list import COLUMNS

SETS = ("both", "differently", "only theirs", "only ours")
_SHOWN = 200
_ASKED = ("agency", "start", "period", "day")


class _Held(io.BytesIO):
    """A file in memory that is still there once the form is closed."""

    def close(self) -> None:
        """Nothing: it goes with the request."""


def reconciling_routes(frame: Frame) -> APIRouter:
    """The page, and its form."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/reconcile")
    def form(request: Request, seen: Annotated[Seen, Depends(frame.guard.dossiers)]) -> Response:
        given = {name: request.query_params[name] for name in _ASKED if name in request.query_params}
        return _page(frame, request, seen, given)

    @routes.post("/reconcile")
    async def reconcile(request: Request, seen: Annotated[Seen, Depends(frame.guard.dossiers)]) -> Response:
        held, given = _Held(), dict[str, str]()

        def open_file(fields: dict[str, str], name: str) -> IO[bytes]:
            frame.guard.keeper.check_write(request, fields.get("csrf", ""))
            given.update(fields)
            return held

        try:
            given.update(await read_file_form(request, LARGEST, open_file))
            given["start"] = day_of(given.get("start", ""))
            asked = Reconciling(**{name: given.get(name, "") for name in _ASKED})
            found = await run_in_threadpool(seen.reader.reconcile, asked, held.getvalue())
        except (InputError, TooLarge) as failure:
            return await run_in_threadpool(_page, frame, request, seen, given, None, failure)
        if given.get("as") == "csv":
            frame.guard.record.note("exported", seen.caller, "/reconcile", "csv")
            return as_table(found)
        return await run_in_threadpool(_page, frame, request, seen, given, found)

    return routes


def _page(
    frame: Frame,
    request: Request,
    seen: Seen,
    given: Mapping[str, str],
    found: Reconciliation | None = None,
    failure: EmcError | None = None,
) -> Response:
    agencies = [code for code in frame.guard.registry.agencies if seen.reader.shows_dossiers_of(code)]
    form: dict[str, Any] = dict.fromkeys(_ASKED, "") | {"agency": seen.caller.agency or ""} | dict(given)
    model = {
        "form": form,
        "problem": "" if failure is None else str(failure),
        "found": None if found is None else found.told(_SHOWN),
        "start": None if found is None else date.fromisoformat(found.asked.start),
        "agencies": sorted(agencies, key=frame.agency_name),
        "columns": COLUMNS,
    }
    return frame.page(request, "reconcile.html", seen.caller, model, 200 if failure is None else 400)
