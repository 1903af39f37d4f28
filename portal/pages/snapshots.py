"""`/snapshots` and `/snapshots/ID`: frozen rates, beside what they are now."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from emc.agencies import GROUPS
from emc.definitions import DEFINITIONS
from emc.errors import InputError
from portal.access.guard import Seen
from portal.errors import NotFound
from portal.pages.forms import form_of, gone_on
from portal.pages.frame import Frame
from portal.pages.measures import Measure, Rates
from portal.pages.periods import SHOWN
from portal.pages.typed import day_of
from sinks.disputes.snapshot import Wanted
from sinks.queries.rate_query import RateQuery

_FIELDS = ("name", "period", "start", "structure")


def snapshot_routes(frame: Frame) -> APIRouter:
    """The pages of snapshots."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/snapshots")
    def snapshots(request: Request, seen: Annotated[Seen, Depends(frame.guard.rates)]) -> Response:
        return _list(frame, request, seen)

    @routes.post("/snapshots")
    async def freeze(request: Request, seen: Annotated[Seen, Depends(frame.guard.admin)]) -> Response:
        given = await form_of(request, frame.guard)
        try:
            wanted = _wanted(given)
            made = await run_in_threadpool(seen.reader.freeze, wanted, seen.caller.name)
        except InputError as failure:
            return await run_in_threadpool(_list, frame, request, seen, given, str(failure))
        return gone_on(request, f"/snapshots/{made['id']}")

    @routes.get("/snapshots/{id}")
    def snapshot(
        request: Request,
        id: str,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(frame.guard.rates)],
    ) -> Response:
        try:
            found = seen.reader.snapshot(id)
        except InputError:
            raise NotFound("there is no such snapshot") from None
        return frame.page(request, "snapshot.html", seen.caller, _model(frame, request, seen, found))

    return routes


def _wanted(given: Mapping[str, str]) -> Wanted:
    named = {name: given[name] for name in _FIELDS if name in given}
    named["start"] = day_of(named.get("start", ""))
    return Wanted(**{"name": "", **named})


def _list(
    frame: Frame, request: Request, seen: Seen, given: Mapping[str, str] | None = None, problem: str = ""
) -> Response:
    reading = frame.reading(seen)
    model = {
        "snapshots": [
            each | {"start": date.fromisoformat(each["start"])} for each in seen.reader.snapshots()
        ],
        "form": dict.fromkeys(_FIELDS, "") | dict(given or {}),
        "problem": problem,
        "starts": {period: reading.periods(period) for period in SHOWN},
    }
    return frame.page(request, "snapshots.html", seen.caller, model, 400 if problem else 200)


def _model(frame: Frame, request: Request, seen: Seen, snapshot: dict[str, Any]) -> dict[str, Any]:
    """The rates of one agency, or of the groups, as they were and as they are."""
    agency = request.query_params.get("agency") or seen.caller.agency
    frozen = seen.reader.frozen(snapshot["id"], agency)
    now = Rates(seen.reader.rates(_query(snapshot, agency)))
    holders = [agency] if agency else list(GROUPS)
    shown = [rate for rate in frozen if (rate.get("agency") or rate["group"]) in holders]
    known = {(definition.metric, definition.name) for definition in DEFINITIONS}
    return {
        "snapshot": snapshot,
        "start": date.fromisoformat(snapshot["start"]),
        "agency": agency,
        "rows": [
            (rate, now.of(Measure(rate["metric"], rate["definition"]), rate.get("agency") or rate["group"]))
            for rate in shown
            if (rate["metric"], rate["definition"]) in known
        ],
        "objections": frame.guard.disputes(request).reader.objections(agency, snapshot["id"]),
        "agencies": sorted(
            (code for code in frame.guard.registry.agencies if seen.reader.shows_rates_of(code)),
            key=frame.agency_name,
        ),
    }


def _query(snapshot: dict[str, Any], agency: str | None) -> RateQuery:
    return RateQuery(
        metric=snapshot["metric"],
        agency=agency,
        period=snapshot["period"],
        start=snapshot["start"],
        structure=snapshot["structure"],
    )
