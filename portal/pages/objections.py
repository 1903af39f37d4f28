"""`/objections`: what an agency objects to, the form for it, and the thread in which it is settled."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from emc.errors import InputError
from portal.access.guard import Seen
from portal.errors import NotFound
from portal.objections import known, written_about
from portal.pages.forms import form_of, gone_on, number_of
from portal.pages.frame import Frame
from sinks.disputes.objection import STATUSES, Objecting, Writing

OBJECTION_STATUSES = STATUSES
SIDES = ("agency", "operator")
_MEANT = ("snapshot", "metric", "definition", "dossier", "agency")
_FORM = (*_MEANT, "text", "numerator", "denominator")


def objection_routes(frame: Frame) -> APIRouter:
    """The pages of objections."""
    routes = APIRouter(include_in_schema=False)
    _objecting(routes, frame)

    @routes.get("/objections/{id}")
    def objection(
        request: Request,
        id: str,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(frame.guard.disputes)],
    ) -> Response:
        return _thread(frame, request, seen, id)

    @routes.post("/objections/{id}")
    async def write(
        request: Request,
        id: str,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(frame.guard.disputes)],
    ) -> Response:
        given = await form_of(request, frame.guard)
        written = Writing(given.get("text", ""), given.get("decision"), given.get("events", "").split())
        try:
            await run_in_threadpool(written_about, seen, id, written)
        except NotFound:
            raise
        except InputError as failure:
            return await run_in_threadpool(_thread, frame, request, seen, id, given, str(failure))
        return gone_on(request, f"/objections/{id}")

    return routes


def _objecting(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/objections")
    def objections(request: Request, seen: Annotated[Seen, Depends(frame.guard.disputes)]) -> Response:
        status = request.query_params.get("status") or None
        model = {
            "objections": seen.reader.objections(status=status),
            "status": status,
            "statuses": STATUSES,
        }
        return frame.page(request, "objections.html", seen.caller, model)

    @routes.get("/objections/new")
    def form(request: Request, seen: Annotated[Seen, Depends(frame.guard.disputes)]) -> Response:
        given = {name: request.query_params[name] for name in _MEANT if name in request.query_params}
        return _form(frame, request, seen, given)

    @routes.post("/objections")
    async def object_to(request: Request, seen: Annotated[Seen, Depends(frame.guard.disputes)]) -> Response:
        given = await form_of(request, frame.guard)
        try:
            asked = Objecting(
                given.get("text", ""),
                **{name: given.get(name) for name in _MEANT},
                numerator=number_of(given, "numerator"),
                denominator=number_of(given, "denominator"),
            )
            made = await run_in_threadpool(seen.reader.object_to, asked, seen.caller)
        except InputError as failure:
            return await run_in_threadpool(_form, frame, request, seen, given, str(failure))
        return gone_on(request, f"/objections/{made['id']}")


def _form(
    frame: Frame, request: Request, seen: Seen, given: Mapping[str, str], problem: str = ""
) -> Response:
    """The form; of a rate with the number that was frozen."""
    rate = None
    if {"snapshot", "metric", "definition", "agency"} <= given.keys():
        found = seen.reader.frozen(given["snapshot"], given["agency"], given["metric"])
        rate = next((each for each in found if each["definition"] == given["definition"]), None)
    if rate is None and "dossier" not in given:
        raise NotFound("there is no such rate in the snapshot")
    form = dict.fromkeys(_FORM, "") | dict(given)
    snapshot = None if rate is None else seen.reader.snapshot(given["snapshot"])
    model = {"form": form, "rate": rate, "snapshot": snapshot, "problem": problem}
    return frame.page(request, "objecting.html", seen.caller, model, 400 if problem else 200)


def _thread(
    frame: Frame,
    request: Request,
    seen: Seen,
    id_: str,
    given: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    found = known(seen, id_)
    snapshot = None if found["snapshot"] is None else seen.reader.snapshot(found["snapshot"])
    form: dict[str, Any] = dict.fromkeys(("text", "decision", "events"), "") | dict(given or {})
    model = {
        "found": found,
        "snapshot": snapshot,
        "form": form,
        "problem": problem,
        "decisions": STATUSES[1:],
    }
    return frame.page(request, "objection.html", seen.caller, model, 400 if problem else 200)
