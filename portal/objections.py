"""Objections over the API: made by agencies, answered by operators, read by both."""

from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from emc.errors import InputError
from emc.instants import parse_instant
from portal.access.guard import Guard, Seen
from portal.bodies import read_body
from portal.described import answer, answers, taking
from portal.dispute_answers import ObjectionDetail, Objections
from portal.errors import asked_by_name
from portal.paging import checked_limit, page_of, place_of
from portal.parameters import NoParameters, ObjectionParameters
from sinks.disputes.objection import Objecting, Writing

MOST = 1000
_LARGEST = 64 * 1024
_objecting = msgspec.json.Decoder(Objecting)
_writing = msgspec.json.Decoder(Writing)
T = TypeVar("T")
Id = Annotated[str, Path(description="Identifier of an objection")]


def objection_routes(guard: Guard) -> APIRouter:
    """The routes under /v1/objections."""
    routes = APIRouter(prefix="/v1/objections")

    @routes.get("", **answers(Objections))
    def objections(
        seen: Annotated[Seen, Depends(guard.disputes)], asked: Annotated[ObjectionParameters, Query()]
    ) -> Response:
        """Objections that the caller may see, the newest first; those to dossiers with `dossiers:read`."""
        limit = checked_limit(asked.limit, MOST)
        after = None if asked.cursor is None else place_of(asked.cursor, tuple[int, str])
        found = seen.reader.objections(asked.agency, asked.snapshot, asked.status)
        page, following = page_of(found, _place, limit, after)
        return answer({"objections": page, "next": following})

    @routes.get("/{id}", **answers(ObjectionDetail, 404))
    def one(
        id: Id,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(guard.disputes)],
        _: Annotated[NoParameters, Query()],
    ) -> Response:
        """One objection: what was written, what the rate would be, the events that correct it."""
        return answer(known(seen, id))

    _writing_routes(routes, guard)
    return routes


def _writing_routes(routes: APIRouter, guard: Guard) -> None:
    @routes.post("", **taking(Objecting, answers(ObjectionDetail, 404, 413, 415, status=201)))
    async def object_to(request: Request, seen: Annotated[Seen, Depends(guard.disputes)]) -> Response:
        """Objects to a rate of a snapshot, or to a dossier."""
        asked = await _body(request, _objecting, "text, and snapshot and metric, or dossier")
        return answer(await run_in_threadpool(seen.reader.object_to, asked, seen.caller), 201)

    @routes.post("/{id}/messages", **taking(Writing, answers(ObjectionDetail, 404, 413, 415, status=201)))
    async def write(
        request: Request,
        id: Id,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(guard.disputes)],
    ) -> Response:
        """Writes about an objection; operators with `admin` decide, and name the events that correct it."""
        written = await _body(request, _writing, "text, and of operators decision and events")
        return answer(await run_in_threadpool(written_about, seen, id, written), 201)


def known(seen: Seen, id_: str) -> dict[str, Any]:
    """An objection that the caller may see; NotFound for any other, whether there is one or not."""
    with asked_by_name():
        return seen.reader.objection(id_)


def written_about(seen: Seen, id_: str, written: Writing) -> dict[str, Any]:
    """Writes about an objection that the caller may see."""
    known(seen, id_)
    return seen.reader.write_about(id_, written, seen.caller)


async def _body(request: Request, decoder: msgspec.json.Decoder[T], what: str) -> T:
    body = await read_body(request, _LARGEST)
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise InputError(f"the body: expected {what}, as JSON") from None


def _place(objection: dict[str, Any]) -> tuple[int, str]:
    return -parse_instant(objection["made_at"]), objection["id"]
