"""Is the service well? One answer for people and orchestrators, and the metrics beside it."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from prometheus_client import REGISTRY, generate_latest

from emc.access import Caller, Scope
from emc.errors import ComponentError
from portal.access.keeper import Keeper, is_from_here
from portal.answers import HealthAnswer
from portal.described import answers
from portal.errors import Forbidden, Unauthenticated
from portal.parameters import NoParameters

Health = Callable[[], dict[str, Any]]
_THREADS = 8
"""Of these two routes alone: they answer also while all threads for reading wait for ClickHouse."""
STATUS_CODE = {"ok": 200, "degraded": 200, "down": 503}
_OF_AGENCIES = ("agencies", "broken_sources")
_FOR_ANYBODY = ("status", "lag")


def health_routes(health: Health, keeper: Keeper, metrics: Callable[[], bytes] | None = None) -> APIRouter:
    """/v1/health and /metrics; without `metrics`, those that libraries registered."""
    routes, own = APIRouter(), CapacityLimiter(_THREADS)

    @routes.get("/v1/health", **answers(HealthAnswer, public=True))
    async def read_health(request: Request, _: Annotated[NoParameters, Query()]) -> Response:
        """`ok`: up to date or being worked on. `degraded`: something is waited for. `down`: of no use.

        Without a token only status and lag; an agency sees its own sources, an operator all.
        """

        def found_for_caller() -> dict[str, Any]:
            return shown_to(_caller(keeper, request), health())

        found = await run_sync(found_for_caller, limiter=own)
        return Response(
            msgspec.json.encode(found), STATUS_CODE[found["status"]], media_type="application/json"
        )

    @routes.get("/metrics", **_text())
    async def read_metrics(request: Request, _: Annotated[NoParameters, Query()]) -> Response:
        """The metrics in Prometheus' text format: on this machine, else for an operator with `admin`."""

        def text_for_caller() -> bytes:
            if not is_from_here(request) and not keeper.may_read_metrics(request):
                _require_admin(keeper.caller_of(request))
            return metrics() if metrics is not None else generate_latest(REGISTRY)

        text = await run_sync(text_for_caller, limiter=own)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def _text() -> dict[str, Any]:
    told: dict[str, Any] = answers(HealthAnswer)
    told["responses"][200] = {
        "description": "Prometheus' text format",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
    return told


def shown_to(caller: Caller | None, found: dict[str, Any]) -> dict[str, Any]:
    """The part of the health answer that a caller may see; None: nobody known."""
    if caller is None:
        return {name: found[name] for name in _FOR_ANYBODY if name in found}
    if caller.agency is None:
        return found
    shown = {name: value for name, value in found.items() if name in _FOR_ANYBODY}
    for name in _OF_AGENCIES:
        held = found.get(name, [])
        kept = held.items() if isinstance(held, dict) else ((code, code) for code in held)
        own = {code: value for code, value in kept if code == caller.agency}
        shown[name] = own if isinstance(held, dict) else list(own)
    return shown


def _caller(keeper: Keeper, request: Request) -> Caller | None:
    """Who asks, if that is said and can be told now: health is answered all the same."""
    try:
        return keeper.caller_of(request)
    except ComponentError:
        return None
    except Unauthenticated:
        if "authorization" in request.headers:
            raise
        return None


def _require_admin(caller: Caller) -> None:
    if Scope.ADMIN not in caller.scopes:
        raise Forbidden(f"this needs the scope {Scope.ADMIN.value}")
