"""Every route of the description and every page, asked by everybody who should see nothing of an agency.

The agency's data is full of a marker; no answer to anybody else may hold it, whatever its status.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from emc.access import EVERY_SCOPE, Scope
from emc.instants import now_us
from emc.registry import Agency, Registry
from portal.access.entrance import Entrance
from portal.api import create_app
from portal.pages.routes import add_pages
from portal.sending.limits import SendLimits
from portal.sending.routes import Sending
from portal.uploads.room import Uploads
from portal.uploads.spool import Spool
from producers.courier import Courier
from producers.source_words import SourceTable
from sinks.access.tokens import TokenStore
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.serving import TOKENS, served, token_of

MARKER = "marker7731"
SNAPSHOT, OF_RATE, OF_DOSSIER = "5a5a5a5a5a5a", "0b0b0b0b0b0b", "0d0d0d0d0d0d"
INCIDENT = f"incident-{MARKER}"
OWN, OTHER = "H25", "H26"
DOSSIER = f"{OWN}.{MARKER.upper()}-240305-0001"
DAY = 19783
NOW_MS = 1_714_000_000_000
ASKED = {
    "metric": "data_reuse", "agency": OWN, "period": "month", "start": "2024-03-01", "definition": "received",
}  # fmt: skip


def registry() -> Registry:
    """Two agencies that have nothing to do with each other."""
    return Registry(Agency(code, f"Tỉnh {code}", "locality", None, None, True, "") for code in (OWN, OTHER))


def plant(database: Database) -> None:
    """One row of everything that an agency can have, its texts marked, its numbers unmistakable."""
    one: dict[str, dict[str, list[Any]]] = {
        "dossiers": {
            "dossier": [DOSSIER], "month": [202403], "procedure": ["1.000001"],
            "unit": [f"{OWN}.{MARKER.upper()}"],
            "received_at": [1_709_600_000_000_000], "resolved_at": [1_609_600_000_000_000], "status": [2],
            "registers": [f'[[1709600000000000,"{MARKER}",{{"channel":"online"}}]]'],
        },
        "events": {
            "type": ["dossier"], "subject": [DOSSIER], "time": [1_709_600_000_000_000], "id": [MARKER],
            "source": [f"/agencies/{OWN}/{MARKER}"], "data": ['{"channel":"online"}'], "arrived_at": [NOW_MS],
            "topic_id": ["t"], "partition": [0], "offset": [0], "index": [0],
        },
        "procedures": {
            "procedure": ["1.000001"], "valid_from": [0], "service_level": ["full"], "name": [MARKER],
            "eligible_full_online": [True], "published": [True], "registers": ["[]"],
        },
        "declarations": {
            "day": [DAY], "received": [773_111], "registers": [f'[[1,"{MARKER}",{{"received":773111}}]]'],
        },
        "rates": {
            "metric": ["data_reuse"], "definition": ["received"], "period": ["month"], "start": [DAY],
            "numerator": [773_111], "denominator": [773_119], "counted": [1], "declared": [1],
            "is_deleted": [0],
        },
        "commits": {
            "topic_id": ["t"], "partition": [0], "next_offset": [1], "as_of": [1_709_600_000_000_000],
            "written_at": [NOW_MS],
        },
        "sources": {
            "source": [f"/agencies/{OWN}/{MARKER}"], "last_time": [1], "last_arrival": [NOW_MS],
        },
        "rejections": {
            "reason": ["invalid"], "path": [f"$.{MARKER}"], "detail": [MARKER], "id": [MARKER],
            "topic": ["emc.events"], "partition": [0], "offset": [0], "index": [0], "rejected_at": [NOW_MS],
        },
        "snapshot_rates": {
            "snapshot": [SNAPSHOT], "metric": ["data_reuse"], "definition": ["received"],
            "numerator": [773_111], "denominator": [773_119],
        },
        "objections": {
            "id": [OF_DOSSIER], "dossier": [DOSSIER], "made_at": [NOW_MS * 1000],
        },
        "objection_messages": {
            "objection": [OF_DOSSIER], "id": [MARKER], "at": [NOW_MS * 1000], "side": ["agency"],
            "text": [MARKER], "events": [[MARKER]], "dossier": [DOSSIER],
        },
        "incidents": {"id": ["1"], "begins_at": [1_709_600_000_000_000], "text": [INCIDENT]},
    }  # fmt: skip
    for table, columns in one.items():
        database.insert(table, {"agency": [OWN], "version": [1], **columns})
    database.insert("objections", {
        "agency": [OWN], "id": [OF_RATE], "snapshot": [SNAPSHOT], "metric": ["data_reuse"],
        "definition": ["received"], "numerator": [773_112], "denominator": [773_119],
        "made_at": [NOW_MS * 1000], "version": [1],
    })  # fmt: skip
    database.insert("objection_messages", {
        "agency": [OWN], "objection": [OF_RATE], "id": [MARKER], "at": [NOW_MS * 1000], "side": ["agency"],
        "text": [f"objection-{MARKER}"], "version": [1],
    })  # fmt: skip
    database.insert("snapshots", {
        "id": [SNAPSHOT], "name": ["x"], "period": ["month"], "start": [DAY], "structure": ["reported"],
        "frozen_at": [NOW_MS * 1000], "definitions": ["[]"], "positions": ["[]"], "version": [1],
    })  # fmt: skip


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """The marked tables."""
    with embedded_database() as made:
        plant(made)
        yield made


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The whole application; its Kafka is away, which no answer here depends on."""
    entrance = Entrance(Reader(database, registry()), TOKENS)
    health = {"status": "ok", "lag": 0, "agencies": {OWN: {"last_time": MARKER}}, "broken_sources": []}
    sending = Sending(entrance.guard, Courier("127.0.0.1:1"), SendLimits())
    made = create_app(entrance, lambda: health, lambda: b"emc_up 1\n", sending)
    connect: Any = None
    spool = Spool(tmp_path_factory.mktemp("uploads"), 1000)
    uploads = Uploads(spool, registry(), SourceTable(), connect)
    add_pages(made, entrance.guard, lambda: health, None, uploads)
    yield made
    uploads.close()


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """Asks it."""
    with served(app) as asking:
        yield asking


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path, also of what is in no description: pages, sign-in, the explorer."""
    found = list(_flat(app.routes))
    assert len(found) > 15
    described = app.openapi()["paths"]
    assert {path for _, path in found} >= set(described)
    yield from found


def _flat(listed: Any) -> Iterator[tuple[str, str]]:
    for route in listed:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _flat(inner.routes)
        elif isinstance(route, APIRoute):
            for method in route.methods or ():
                yield method, route.path


def requests(app: FastAPI) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each route asked without parameters, and with every one that could name the agency or its dossier."""
    for method, path in routes(app):
        if path.endswith("/stream"):
            continue  # it does not end: its guard is that of /v1/rates, and has a test of its own below
        filled = path
        for name, value in (("dossier", DOSSIER), ("code", OWN), ("agency", OWN), ("name", "explorer.js")):
            filled = filled.replace("{" + name + "}", value)
        if path.startswith(("/v1/snapshots/", "/snapshots/")):
            filled = filled.replace("{id}", SNAPSHOT)
        if "/objections/" in path:
            for id_ in (OF_RATE, OF_DOSSIER):
                yield method, path.replace("{id}", id_), {}
        if "{" in filled:
            filled = filled.partition("{")[0] + OWN
        described = app.openapi()["paths"].get(path, {}).get(method.lower(), {})
        names = {parameter["name"] for parameter in described.get("parameters", ())}
        yield method, filled, {}
        yield method, filled, {name: value for name, value in ASKED.items() if name in names}


def callers(database: Database) -> Iterator[tuple[str, str | None]]:
    """Everybody who must see nothing of the agency."""
    store, every = TokenStore(database), EVERY_SCOPE - {Scope.ADMIN}
    yield "nobody", None
    yield "wrong", "emc_wrong"
    yield "another agency", token_of(database, OTHER, *every)
    yield "expired", store.create("x", OWN, every, now_us() // 1000 - 1).secret
    revoked = store.create("x", OWN, every)
    store.revoke(revoked.token.id)
    yield "revoked", revoked.secret
    yield "own without scopes to read", token_of(database, OWN, Scope.EVENTS_WRITE)


def test_nothing_of_an_agency_is_answered_to_anybody_else(
    client: httpx.Client, app: FastAPI, database: Database
) -> None:
    asked = 0
    for (who, token), (method, path, parameters) in itertools.product(callers(database), requests(app)):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = client.request(method, path, params=parameters or None, headers=headers)
        asked += 1
        shown = answer.text.lower()
        own_health = who.startswith("own") and path == "/v1/health"
        assert own_health or MARKER not in shown or "240305-0001 is not known" in shown, f"{who}: {path}"
        assert "773111" not in shown or "group" in shown, f"{who}: {method} {path}"
        assert answer.status_code != 500, f"{who}: {method} {path}"
    assert asked > 150


@pytest.mark.parametrize("scope", [Scope.RATES_READ, Scope.DOSSIERS_READ])
def test_each_scope_alone_opens_only_its_own(
    client: httpx.Client, app: FastAPI, database: Database, scope: Scope
) -> None:
    bearer = {"Authorization": f"Bearer {token_of(database, OWN, scope)}"}
    seen = set()
    for method, path, parameters in requests(app):
        answer = client.request(method, path, params=parameters or None, headers=bearer)
        text = answer.text.lower()
        if scope is Scope.RATES_READ:
            for told_with_rates in (INCIDENT, f"objection-{MARKER}", f'"id":"{MARKER}"'):
                text = text.replace(told_with_rates, "")
        if MARKER in text and path != "/v1/health" and answer.status_code == 200:
            seen.add("dossiers")
        if path == "/v1/rates" and answer.status_code == 200 and "773111" in text:
            seen.add("rates")
    assert seen == ({"rates"} if scope is Scope.RATES_READ else {"dossiers"})


def test_the_stream_asks_as_the_rates_do(client: httpx.Client, database: Database) -> None:
    for token, status in ((None, 401), (token_of(database, OWN, Scope.DOSSIERS_READ), 403)):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        with client.stream("GET", "/v1/rates/stream", headers=headers) as answer:
            assert answer.status_code == status
    other = {"Authorization": f"Bearer {token_of(database, OTHER, Scope.RATES_READ)}"}
    with client.stream("GET", f"/v1/rates/stream?agency={OWN}", headers=other) as answer:
        assert answer.status_code == 403


def test_every_route_that_is_described_needs_a_token_or_says_that_it_does_not(
    client: httpx.Client, app: FastAPI
) -> None:
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            if operation.get("security"):
                answer = client.request(method, path.replace("{dossier}", DOSSIER), headers={"Via": "1.1 x"})
                assert answer.status_code == 401, path
