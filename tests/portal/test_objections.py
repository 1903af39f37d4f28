"""Objections over the API: both sides write, exports carry both numbers, others learn nothing."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emc.access import EVERY_SCOPE, Scope
from portal.access.entrance import Entrance
from portal.api import create_app
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.serving import TOKENS, served, token_of
from tests.portal.test_reading import add_rate

Headers = dict[str, str]


@pytest.fixture
def database() -> Iterator[Database]:
    """A rate of each of two agencies."""
    with embedded_database() as made:
        for agency in ("H25", "H26"):
            add_rate(made, agency, 1, 1)
        yield made


@pytest.fixture
def client(database: Database) -> Iterator[httpx.Client]:
    """Asks as an operator, unless a request says otherwise."""
    app = create_app(Entrance(Reader(database, registry()), TOKENS), lambda: {"status": "ok", "lag": 0})
    with served(app, token_of(database, None, *EVERY_SCOPE)) as asking:
        yield asking


def of(database: Database, agency: str | None, *scopes: Scope) -> Headers:
    return {"Authorization": f"Bearer {token_of(database, agency, Scope.RATES_READ, *scopes)}"}


def objecting(client: httpx.Client) -> dict[str, Any]:
    made = client.post("/v1/snapshots", json={"name": "x", "start": "2024-03-01"}).json()
    return {
        "text": "lost", "snapshot": made["id"], "metric": "data_reuse", "numerator": 4, "denominator": 12,
    }  # fmt: skip


def test_an_objection_is_made_answered_and_exported(client: httpx.Client, database: Database) -> None:
    own, asked = of(database, "H25"), objecting(client)
    made = client.post("/v1/objections", json=asked, headers=own)
    assert made.status_code == 201, made.text
    path = f"/v1/objections/{made.json()['id']}"
    asking = {"text": "which?", "decision": "needs_data"}
    assert client.post(f"{path}/messages", json=asking, headers=own).status_code == 403
    without_admin = of(database, None, Scope.DOSSIERS_READ)
    assert client.post(f"{path}/messages", json=asking, headers=without_admin).status_code == 403
    answered = client.post(f"{path}/messages", json=asking)
    assert answered.status_code == 201
    assert client.get(path, headers=own).json() == answered.json()
    rates = f"/v1/snapshots/{asked['snapshot']}/rates"
    shown = client.get(rates, params={"agency": "H25"}, headers=own).json()["rates"]
    (both,) = shown[0]["objections"]
    assert (shown[0]["numerator"], both["numerator"], both["status"]) == (1, 4, "needs_data")
    table = client.get(rates, params={"format": "csv"}, headers=own).text
    rows = {row["agency"]: row for row in csv.DictReader(io.StringIO(table))}
    assert (rows["H25"]["numerator"], rows["H25"]["own_numerator"], rows["H25"]["own_denominator"]) == (
        *("1", "4"),
        "12",
    )
    assert rows["H25"]["objection_status"] == "needs_data"
    assert rows[""]["objection"] == ""
    others = client.get(rates, params={"format": "csv"}, headers=of(database, "H26")).text
    assert "objection" not in others


def test_others_cannot_tell_that_there_is_one(client: httpx.Client, database: Database) -> None:
    own = of(database, "H25", Scope.DOSSIERS_READ)
    asked = {"text": "x", "dossier": "H25-240305-0001"}
    made = client.post("/v1/objections", json=asked, headers=own).json()
    other, unknown = of(database, "H26", Scope.DOSSIERS_READ), "0" * 12
    for method, more, body in (("GET", "", None), ("POST", "/messages", {"text": "x"})):
        answers = [
            client.request(method, f"/v1/objections/{id_}{more}", json=body, headers=headers)
            for id_, headers in ((made["id"], other), (unknown, other), (made["id"], of(database, "H25")))
        ]
        assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert client.get("/v1/objections", headers=other).json() == {"objections": [], "next": None}
    assert client.get("/v1/objections?agency=H25", headers=other).status_code == 403
    assert client.post("/v1/objections", json=asked, headers=other).status_code == 403


def test_what_is_asked_wrongly_is_told(client: httpx.Client, database: Database) -> None:
    asked, own = objecting(client), of(database, "H25")
    for wrong in ({}, asked | {"more": 1}, asked | {"numerator": 13}, asked | {"text": "of 012345678"}, [1]):
        assert client.post("/v1/objections", json=wrong, headers=own).status_code == 400
    assert client.post("/v1/objections", json=asked).status_code == 400, "an operator is no agency"
    for number in range(3):
        client.post("/v1/objections", json=asked | {"text": str(number)}, headers=own)
    first = client.get("/v1/objections", params={"limit": 2}, headers=own).json()
    rest = client.get("/v1/objections", params={"limit": 2, "cursor": first["next"]}, headers=own).json()
    assert len({each["id"] for each in first["objections"] + rest["objections"]}) == 3
    assert client.get("/v1/objections?status=lost", headers=own).status_code == 400
