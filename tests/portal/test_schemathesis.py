"""The description tried out with tokens of two agencies: no fault of the server, and answers that conform."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from emc.access import EVERY_SCOPE, Scope
from portal.access.entrance import Entrance
from portal.api import create_app
from portal.sending.limits import SendLimits
from portal.sending.routes import Sending
from portal.server import Server
from producers.courier import Courier
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.access.planting import OTHER, OWN, plant, registry
from tests.portal.serving import TOKENS, token_of

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
PATHS = [
    *("/v1/rates", "/v1/rejections", "/v1/warnings", "/v1/sources", "/v1/access", "/v1/audit"),
    *("/v1/definitions", "/v1/agencies", "/v1/dossiers", "/v1/dossiers/{dossier}/explanation"),
    *("/v1/changes", "/v1/incidents", "/v1/metric-times"),
    *("/v1/dossiers/states", "/v1/source-warnings", "/v1/imports", "/v1/imports/{id}", "/v1/catalogue"),
    "/v1/declarations",
    *("/v1/snapshots", "/v1/snapshots/{id}", "/v1/snapshots/{id}/rates"),
    *("/v1/objections", "/v1/objections/{id}", "/v1/objections/{id}/messages", "/v1/reconciliations"),
    *("/v1/health", "/metrics", "/v1/events", "/v1/dossier-sync"),
]


class Served(NamedTuple):
    """A description, and the tokens of two agencies."""

    schema: Any
    tokens: list[str]


@pytest.fixture(scope="module")
def described() -> Iterator[Served]:
    """Of an application whose Kafka is away: sending ends in 503 at the latest."""
    with embedded_database() as database, pytest.MonkeyPatch.context() as patch:
        patch.setattr("producers.courier.PATIENCE", 0.2)
        plant(database)
        entrance = Entrance(Reader(database, registry()), TOKENS)
        sending = Sending(entrance.guard, Courier("127.0.0.1:1"), SendLimits())
        server = Server()
        server.start(create_app(entrance, lambda: {"status": "ok", "lag": 0}, lambda: b"emc_up 1\n", sending))
        tokens = [token_of(database, code, *(EVERY_SCOPE - {Scope.ADMIN})) for code in (OWN, OTHER)]
        yield Served(schemathesis.openapi.from_url(f"{server.url}/v1/openapi.json"), tokens)
        server.stop()


def test_every_route_is_tried(described: Served) -> None:
    paths = httpx.get(described.schema.location).json()["paths"]
    assert set(paths) - {"/v1/rates/stream"} == set(PATHS)  # the stream does not end


@pytest.mark.parametrize("path", PATHS)
def test_answers_conform(described: Served, path: str) -> None:
    for found in described.schema.get_all_operations():
        operation = found.ok()
        if operation.path == path:
            _try_out(described, operation)


def _try_out(described: Served, operation: Any) -> None:
    settled = settings(
        max_examples=15, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip

    @settled
    @given(operation.as_strategy())
    def try_out(case: Any) -> None:
        for token in described.tokens:
            answer = case.call(headers={"Authorization": f"Bearer {token}"}, timeout=60)
            assert answer.status_code != 500
            case.validate_response(answer, checks=CHECKS)

    try_out()
