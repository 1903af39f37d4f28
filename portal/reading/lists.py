"""Refused events, warnings, sources, definitions, the registry, the record of access; and the audit."""

from typing import Annotated, Any

import msgspec
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Response

from emc.definitions import DEFINITIONS
from portal.access.guard import Guard, Seen
from portal.answers import (
    AccessRecord,
    Agencies,
    Audit,
    Definitions,
    MetricTimes,
    Rejections,
    Sources,
    Warnings,
)
from portal.described import answer, answers
from portal.paging import MOST, checked_limit, cursor_of, paged, place_of
from portal.parameters import (
    AgencyPageParameters,
    NoParameters,
    OfAgencyParameters,
    PageParameters,
    RejectionParameters,
)
from portal.reading.shared import Shared

_WAITING = 64
"""Threads in which an audit is waited for: none of those that other routes read in."""


def list_routes(guard: Guard) -> APIRouter:
    """The routes of what an agency sees with `dossiers:read`, and of the audit."""
    routes = APIRouter(prefix="/v1")

    @routes.get("/rejections", **answers(Rejections))
    def rejections(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[RejectionParameters, Query()]
    ) -> Response:
        """Refused events, newest first; their bytes are not here."""
        return answer(seen.reader.rejections(asked.agency, asked.limit, asked.before, asked.cursor))

    @routes.get("/warnings", **answers(Warnings))
    def warnings(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[AgencyPageParameters, Query()]
    ) -> Response:
        """Odd but countable facts of dossiers, as they are now."""
        limit = checked_limit(asked.limit, MOST)
        after = None if asked.cursor is None else place_of(asked.cursor, tuple[str, str, str])
        found = seen.reader.dossier_warnings(asked.agency, limit + 1, after)
        page = found[:limit]
        last = tuple(page[-1].values()) if len(found) > limit else None
        return answer({"warnings": page, "next": None if last is None else cursor_of(last)})

    @routes.get("/sources", **answers(Sources))
    def sources(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[PageParameters, Query()]
    ) -> Response:
        """When each source was last seen."""
        return paged("sources", seen.reader.sources(), ("agency", "source"), asked)

    @routes.get("/metric-times", **answers(MetricTimes))
    def metric_times(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[OfAgencyParameters, Query()]
    ) -> Response:
        """Up to when each metric is known of an agency: its sources may each report a part of the facts."""
        return paged("metrics", seen.reader.metric_times(asked.agency), (), asked)

    @routes.get("/access", **answers(AccessRecord))
    def access(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[PageParameters, Query()]
    ) -> Response:
        """Sign-ins, tokens made and revoked, refusals and exports that concern the asker, newest first."""
        limit = checked_limit(asked.limit, MOST)
        before = None if asked.cursor is None else place_of(asked.cursor, tuple[int, str])
        page, following = seen.reader.access_record(limit, before)
        return answer({"access": page, "next": None if following is None else cursor_of(following)})

    _audit_route(routes, guard)
    return routes


def _audit_route(routes: APIRouter, guard: Guard) -> None:
    audits: Shared[dict[str, Any]] = Shared()
    waiting = CapacityLimiter(_WAITING)

    @routes.get("/audit", **answers(Audit))
    async def audit(
        seen: Annotated[Seen, Depends(guard.admin)], _: Annotated[NoParameters, Query()]
    ) -> Response:
        """Computes everything a second way and compares; takes its time, of which whoever asks has a part."""
        return answer(await run_sync(audits.run, seen.reader.audit, limiter=waiting))


def registry_routes(guard: Guard) -> APIRouter:
    """The routes of what is the same for everybody."""
    routes = APIRouter(prefix="/v1")

    @routes.get("/definitions", **answers(Definitions))
    def definitions(
        seen: Annotated[Seen, Depends(guard.rates)], asked: Annotated[PageParameters, Query()]
    ) -> Response:
        """Every definition with its status, source and wording."""
        found = [msgspec.to_builtins(definition) for definition in DEFINITIONS]
        for number, definition in enumerate(found):
            definition["number"] = number
        return paged("definitions", found, ("number",), asked)

    @routes.get("/agencies", **answers(Agencies))
    def agencies(
        seen: Annotated[Seen, Depends(guard.rates)], asked: Annotated[PageParameters, Query()]
    ) -> Response:
        """The agency registry."""
        found = [msgspec.to_builtins(agency) for agency in guard.registry.agencies.values()]
        return paged("agencies", found, ("code",), asked)

    return routes
