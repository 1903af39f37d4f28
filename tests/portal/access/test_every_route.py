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
from tests.portal.access.planting import (
    ASKED,
    DOSSIER,
    INCIDENT,
    MARKER,
    OF_DOSSIER,
    OF_RATE,
    OTHER,
    OWN,
    SNAPSHOT,
    plant,
    registry,
)
from tests.portal.serving import TOKENS, served, token_of


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


def test_a_tag_of_somebody_elses_answer_shows_nothing(client: httpx.Client, database: Database) -> None:
    """The same address has another answer for each; a tag of one opens none of the other's."""
    asked = "/v1/rates?start=2024-03-01"
    own, other = (
        {"Authorization": f"Bearer {token_of(database, agency, Scope.RATES_READ)}"} for agency in (OWN, OTHER)
    )
    mine = client.get(asked, headers=own)
    assert client.get(asked, headers={**own, "If-None-Match": mine.headers["etag"]}).status_code == 304
    theirs = client.get(asked, headers={**other, "If-None-Match": mine.headers["etag"]})
    assert theirs.status_code == 200
    assert f'"agency":"{OWN}"' in mine.text
    assert f'"agency":"{OWN}"' not in theirs.text
    assert theirs.headers["etag"] != mine.headers["etag"]
    for tag in ("*", mine.headers["etag"]):
        assert client.get(asked, headers={"If-None-Match": tag}).status_code == 401
    assert "private" in mine.headers["cache-control"]
    assert mine.headers["vary"] == "Authorization, Cookie"


def test_no_form_is_taken_without_what_its_page_was_given(
    client: httpx.Client, app: FastAPI, database: Database
) -> None:
    """A session, a form of every page that takes one, and nothing or a guess in place of its value."""
    token = token_of(database, OWN, *EVERY_SCOPE - {Scope.ADMIN})
    operators = token_of(database, None, *EVERY_SCOPE)
    tried = set()
    for secret, (method, path, _) in itertools.product((token, operators), requests(app)):
        if method != "POST" or path.startswith(("/v1/", "/sign-in")):
            continue
        with httpx.Client(base_url=client.base_url) as browser:
            assert browser.post("/sign-in", data={"token": secret}).status_code == 303
            for given in ({}, {"csrf": "guessed"}):
                answer = browser.post(path, data={"text": "x", **given})
                assert 400 <= answer.status_code < 500, path
                if answer.status_code == 403:
                    tried.add(path)
    assert len(tried) >= 3, tried
