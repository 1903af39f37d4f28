"""The routes for formats that dossier systems send already: dossier-sync records, tracking messages."""

import ipaddress
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from emc.access import Caller, Scope
from emc.agencies import TrackingSite
from emc.agency_search import unregistered
from emc.contract import MAX_MESSAGE_BYTES, MAX_MESSAGE_EVENTS
from emc.errors import InputError
from emc.identifiers import is_system
from emc.instants import now_us, parse_instant
from portal.answers import Sent
from portal.bodies import media_type, read_body
from portal.described import answer, answers
from portal.errors import Forbidden, TooLarge, UnsupportedMediaType
from portal.parameters import DossierSyncParameters, NoParameters
from portal.sending.answers import answer_of
from portal.sending.routes import Sending
from producers import tracking
from producers.judging import Judged, Reporter
from producers.records import judge_dossier_sync, judge_tracking
from sinks.imports.feeds import Feed

_JSON = ("application/json", "application/x-ndjson")
_RECORDS = {"type": "array", "items": {"type": "object"}, "maxItems": MAX_MESSAGE_EVENTS}


def dossier_sync_routes(sending: Sending) -> APIRouter:
    """POST /v1/dossier-sync."""
    routes = APIRouter()
    told = answers(Sent, 413, 415, status=202)
    content = {"application/json": {"schema": {"oneOf": [{"type": "object"}, _RECORDS]}}}
    told["openapi_extra"] |= {"requestBody": {"required": True, "content": content}}

    @routes.post("/v1/dossier-sync", **told)
    async def records(
        request: Request,
        caller: Annotated[Caller, Depends(sending.admit)],
        asked: Annotated[DossierSyncParameters, Query()],
    ) -> Response:
        """Takes records as `emc import --format dossier-sync` does; people's fields are dropped unread."""
        reporter = _reporter(asked, caller, sending)
        time = now_us() if asked.as_of is None else _instant(asked.as_of)
        if media_type(request.headers) not in _JSON:
            raise UnsupportedMediaType(f"expected {' or '.join(_JSON)}")
        body = await read_body(request, MAX_MESSAGE_BYTES)
        words = sending.words.of(reporter.agency, reporter.system)
        judged = await run_in_threadpool(_some, judge_dossier_sync(body, reporter, time, words))
        await sending.limits.take_events(caller, len(judged))
        addressed = [(place, each.agency, each.event) for place, each in enumerate(judged)]
        sent = answer_of(await sending.post.send(addressed))
        await run_in_threadpool(sending.guard.keep_notices, reporter.source, Feed.SYNC, _noticed(judged))
        return answer(sent, 202)

    return routes


def tracking_routes(sending: Sending) -> APIRouter:
    """POST /TrackingMCDT; to be served where the registry names sites."""
    routes = APIRouter()
    registry = sending.post.registry
    told: dict[str, Any] = answers(Sent, 413, 429, public=True)
    told["responses"][204] = {"description": "Taken"}
    del told["responses"][200], told["responses"][401]
    content = {
        "application/json": {"schema": {"type": "object"}},
        tracking.FORM: {"schema": {"type": "object"}},
    }
    told |= {"status_code": 204, "openapi_extra": {"requestBody": {"required": True, "content": content}}}

    @routes.post("/TrackingMCDT", **told)
    async def message(request: Request, _: Annotated[NoParameters, Query()]) -> Response:
        """Takes one message of the tracking format; its `siteId` says whose it is."""
        body = await read_body(request, MAX_MESSAGE_BYTES)
        media = request.headers.get("content-type")
        site = await run_in_threadpool(_site_of, body, media, sending)
        if not is_from(site, request.client.host if request.client else ""):
            raise Forbidden("this site sends from other addresses")
        caller = Caller(site.agency, frozenset({Scope.EVENTS_WRITE}), site.system, f"site {site.site_id}")
        request.state.caller = caller
        await sending.limits.take_request(caller)
        is_first = sending.guard.is_first
        judged = await run_in_threadpool(
            judge_tracking, body, media, registry.sites, now_us(), is_first, registry, sending.words
        )
        await sending.post.send([(0, judged.agency, judged.event)])
        source = f"/agencies/{site.agency}/{site.system}"
        await run_in_threadpool(sending.guard.keep_notices, source, Feed.PUSH, _noticed([judged]))
        return Response(status_code=204)

    return routes


def is_from(site: TrackingSite, address: str) -> bool:
    """Whether a site may send from an address; one that is bound to none may send from any."""
    if not site.addresses:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in site.addresses)


def _site_of(body: bytes, media: str | None, sending: Sending) -> TrackingSite:
    try:
        named = tracking.site_of(tracking.parse_message(body, media))
    except ValueError as error:
        raise InputError(f"the body: {error}") from None
    site = sending.post.registry.sites.get(named or "")
    if site is None:
        raise InputError("siteId: expected a site of tracking_sites.csv")
    return site


def _reporter(asked: DossierSyncParameters, caller: Caller, sending: Sending) -> Reporter:
    registry = sending.post.registry
    agency = asked.agency or caller.agency
    if agency is None or agency not in registry:
        raise unregistered("agency", agency, registry)
    if caller.agency not in (None, agency):
        raise Forbidden("the records of another agency")
    if not is_system(asked.system):
        raise InputError("system is none, expected 1 to 64 of A-Z a-z 0-9 . _ -")
    return Reporter(agency, asked.system, registry)


def _instant(text: str) -> int:
    try:
        return parse_instant(text.replace(" ", "+"))  # a plus sign that an address was not quoted for
    except ValueError:
        raise InputError(f"as_of is {text!r}, expected RFC 3339 with offset") from None


def _noticed(judged: Iterable[Judged]) -> list[tuple[str, str]]:
    """What is odd in records that count, with their dossiers."""
    return [(each.subject, notice) for each in judged if not each.faults for notice in each.notices]


def _some(judged: Iterable[Judged]) -> list[Judged]:
    """All records; TooLarge beyond a thousand."""
    found: list[Judged] = []
    for each in judged:
        if len(found) == MAX_MESSAGE_EVENTS:
            raise TooLarge(f"the body has more than {MAX_MESSAGE_EVENTS} records")
        found.append(each)
    return found
