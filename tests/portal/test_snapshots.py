"""Snapshots over the API: frozen by operators alone, listed for everybody, with the rates that are theirs."""

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

WANTED = {"name": "the first half", "start": "2024-03-01"}


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A rate of each of two agencies."""
    with embedded_database() as made:
        for agency in ("H25", "H26"):
            add_rate(made, agency, 1, 1)
        yield made


@pytest.fixture(scope="module")
def client(database: Database) -> Iterator[httpx.Client]:
    """Asks as an operator, unless a request says otherwise."""
    app = create_app(Entrance(Reader(database, registry()), TOKENS), lambda: {"status": "ok", "lag": 0})
    with served(app, token_of(database, None, *EVERY_SCOPE)) as asking:
        yield asking


@pytest.fixture(scope="module")
def own(database: Database) -> dict[str, str]:
    """Headers of H25."""
    return {"Authorization": f"Bearer {token_of(database, 'H25', Scope.RATES_READ)}"}


@pytest.fixture(scope="module")
def made(client: httpx.Client) -> dict[str, Any]:
    """A snapshot."""
    answer = client.post("/v1/snapshots", json=WANTED)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_only_operators_freeze(client: httpx.Client, own: dict[str, str], made: dict[str, Any]) -> None:
    assert made["frozen_by"] == "test"
    assert client.post("/v1/snapshots", json=WANTED, headers=own).status_code == 403
    for wrong in ({}, WANTED | {"more": 1}, WANTED | {"start": "2024-03-09"}, [1]):
        assert client.post("/v1/snapshots", json=wrong).status_code == 400


def test_they_are_listed_in_pages(client: httpx.Client, made: dict[str, Any]) -> None:
    second = client.post("/v1/snapshots", json=WANTED | {"metric": "data_reuse"}).json()
    first = client.get("/v1/snapshots", params={"limit": 1}).json()
    rest = client.get("/v1/snapshots", params={"limit": 1, "cursor": first["next"]}).json()
    assert [first["snapshots"][0]["id"], rest["snapshots"][0]["id"]] == [second["id"], made["id"]]
    assert rest["next"] is None


def test_each_caller_reads_their_own_rates(
    client: httpx.Client, own: dict[str, str], made: dict[str, Any]
) -> None:
    path = f"/v1/snapshots/{made['id']}"
    assert client.get(path, headers=own).json() == made
    found = client.get(f"{path}/rates", headers=own).json()["rates"]
    assert [each.get("agency") or each["group"] for each in found] == ["H25", "national", "localities"]
    assert len(client.get(f"{path}/rates").json()["rates"]) == 4
    assert client.get(f"{path}/rates", params={"agency": "H26"}, headers=own).status_code == 403
    page = client.get(f"{path}/rates", params={"limit": 2}).json()
    rest = client.get(f"{path}/rates", params={"limit": 2, "cursor": page["next"]}).json()
    assert len(page["rates"] + rest["rates"]) == 4
    assert rest["next"] is None
    table = client.get(f"{path}/rates", params={"format": "csv", "agency": "H25"}).text
    (row,) = csv.DictReader(io.StringIO(table))
    assert (row["agency"], row["numerator"], row["denominator"]) == ("H25", "1", "10")
    for wrong in ("none", "none/rates"):
        assert client.get(f"/v1/snapshots/{wrong}").status_code == 404
    assert client.get(f"{path}/rates?format=xml").status_code == 400
