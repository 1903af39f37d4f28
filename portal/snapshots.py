"""Snapshots over the API: frozen by operators, read by everybody, each with the rates that they may see."""

from collections import defaultdict
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from emc.errors import InputError
from emc.instants import parse_instant
from portal.access.guard import Guard, Seen
from portal.bodies import read_body
from portal.described import answer, answers, taking
from portal.dispute_answers import FrozenRates, SnapshotDetail, Snapshots
from portal.errors import asked_by_name
from portal.paging import checked_limit, page_of, place_of
from portal.parameters import FrozenParameters, NoParameters, PageParameters
from portal.reading.formats import CSV, as_csv
from sinks.disputes.snapshot import Wanted

MOST, MOST_RATES = 1000, 50_000
_OBJECTION = {
    "id": "objection",
    "status": "objection_status",
    "numerator": "own_numerator",
    "denominator": "own_denominator",
    "rate": "own_rate",
}
"""What is told of an objection beside its rate, and the columns of a CSV."""
Rate = dict[str, Any]
_LARGEST = 16 * 1024
_wanted = msgspec.json.Decoder(Wanted)


def snapshot_routes(guard: Guard) -> APIRouter:
    """The routes under /v1/snapshots."""
    routes = APIRouter(prefix="/v1/snapshots")

    @routes.get("", **answers(Snapshots))
    def snapshots(
        seen: Annotated[Seen, Depends(guard.rates)], asked: Annotated[PageParameters, Query()]
    ) -> Response:
        """All snapshots, the newest first."""
        limit = checked_limit(asked.limit, MOST)
        after = None if asked.cursor is None else place_of(asked.cursor, tuple[int, str])
        page, following = page_of(
            seen.reader.snapshots(),
            lambda each: (-parse_instant(each["frozen_at"]), each["id"]),
            limit,
            after,
        )
        return answer({"snapshots": page, "next": following})

    @routes.post("", **taking(Wanted, answers(SnapshotDetail, 413, 415, status=201)))
    async def freeze(request: Request, seen: Annotated[Seen, Depends(guard.admin)]) -> Response:
        """Freezes the rates of a period as they are now."""
        wanted = await _body(request)
        return answer(await run_in_threadpool(seen.reader.freeze, wanted, seen.caller.name), 201)

    @routes.get("/{id}", **answers(SnapshotDetail, 404))
    def one(
        id: str,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(guard.rates)],
        _: Annotated[NoParameters, Query()],
    ) -> Response:
        """One snapshot, with the definitions of then and up to where the log was in it."""
        with asked_by_name():
            return answer(seen.reader.snapshot(id))

    _rates(routes, guard)
    return routes


def _rates(routes: APIRouter, guard: Guard) -> None:
    @routes.get("/{id}/rates", **answers(FrozenRates, 404, others=(CSV,)))
    def frozen(
        request: Request,
        id: str,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(guard.rates)],
        asked: Annotated[FrozenParameters, Query()],
    ) -> Response:
        """The rates of a snapshot that the caller may see, by definition, agencies before groups."""
        limit = checked_limit(asked.limit, MOST_RATES)
        begin = 0 if asked.cursor is None else place_of(asked.cursor, tuple[int])[0]
        if asked.format not in ("json", "csv"):
            raise InputError(f"format is {asked.format!r}, expected one of json, csv")
        known(seen, id)
        objections = guard.disputes(request).reader.objections(snapshot=id)
        rates = with_objections(seen.reader.frozen(id, asked.agency, asked.metric), objections)
        found = list(enumerate(rates, 1))
        page, following = page_of(found, lambda each: (each[0],), limit, (begin,))
        shown = [rate for _, rate in page]
        if asked.format == "csv":
            guard.record.note("exported", seen.caller, "/v1/snapshots/{id}/rates", "csv")
            headers = {} if following is None else {"X-Next": following}
            return Response(_csv(shown), media_type=CSV, headers=headers)
        return answer({"rates": shown, "next": following})


def with_objections(rates: list[Rate], objections: list[Rate]) -> list[Rate]:
    """The rates of a snapshot, those that were objected to with `objections`, the newest first."""
    by_rate = defaultdict[tuple[str, ...], list[Rate]](list)
    for each in objections:
        shown = {name: each[name] for name in _OBJECTION}
        by_rate[each["agency"], each["metric"], each["definition"]].append(shown)
    keys = [(rate.get("agency", ""), rate["metric"], rate["definition"]) for rate in rates]
    return [
        rate | ({"objections": by_rate[key]} if key in by_rate else {})
        for rate, key in zip(rates, keys, strict=True)
    ]


def _csv(rates: list[Rate]) -> bytes:
    """With the newest objection to each rate and the agency's numbers in it, where there is any."""
    rows = []
    for rate in rates:
        newest = rate.get("objections", [{}])[0]
        rows.append(rate | {column: newest.get(name) for name, column in _OBJECTION.items()})
    has_any = any("objections" in rate for rate in rates)
    return as_csv(rows, [[] for _ in rows], list(_OBJECTION.values()) if has_any else ())


async def _body(request: Request) -> Wanted:
    body = await read_body(request, _LARGEST)
    try:
        return _wanted.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise InputError("the body: expected name, start, and if need be more, as JSON") from None


def _place(snapshot: dict[str, Any]) -> tuple[int, str]:
    return -parse_instant(snapshot["frozen_at"]), snapshot["id"]


def known(seen: Seen, id_: str) -> None:
    """NotFound when there is no snapshot of that id."""
    with asked_by_name():
        seen.reader.snapshot(id_)
