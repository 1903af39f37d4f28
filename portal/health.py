"""Is the service well? One answer for people and orchestrators, and the metrics beside it."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Response
from prometheus_client import REGISTRY, generate_latest

from portal.parameters import NoParameters

Health = Callable[[], dict[str, Any]]
STATUS_CODE = {"ok": 200, "degraded": 200, "down": 503}


def health_routes(health: Health, metrics: Callable[[], bytes] | None = None) -> APIRouter:
    """/v1/health and /metrics; without `metrics`, those that libraries registered."""
    routes = APIRouter()

    @routes.get("/v1/health")
    def read_health(_: Annotated[NoParameters, Query()]) -> Response:
        """`ok`: up to date or being worked on. `degraded`: something is waited for. `down`: of no use."""
        found = health()
        return Response(
            msgspec.json.encode(found), STATUS_CODE[found["status"]], media_type="application/json"
        )

    @routes.get("/metrics")
    def read_metrics() -> Response:
        """The metrics in Prometheus' text format."""
        text = metrics() if metrics is not None else generate_latest(REGISTRY)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes
