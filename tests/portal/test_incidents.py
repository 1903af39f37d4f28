"""Incidents over the API: listed, beside rates in every format, and seen by whom they concern."""

import csv
import io
import json
from collections.abc import Iterator

import httpx
import pyarrow.parquet as parquet
import pytest

from emc.access import Scope
from emc.instants import parse_instant
from portal.access.entrance import Entrance
from portal.api import create_app
from sinks.clickhouse.database import Database
from sinks.incidents.store import IncidentStore
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.serving import TOKENS, served, token_of
from tests.portal.test_reading import add_rate

MARCH = {"start": "2024-03-01"}


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Rates of two agencies in March; an incident of each, one of all, and one long before."""
    with embedded_database() as made:
        store = IncidentStore(made, registry())
        for day, agency in ((7, "H25"), (6, "H26"), (5, None)):
            begin = parse_instant(f"2024-03-0{day}T08:00:00+07:00")
            store.add(agency, begin, begin, f"of {agency or 'all'}")
        before = parse_instant("2023-01-01T00:00:00+07:00")
        store.add(None, before, before, "before")
        for agency in ("H25", "H26"):
            add_rate(made, agency, 1, 1)
        yield made


@pytest.fixture(scope="module")
def client(database: Database) -> Iterator[httpx.Client]:
    """Asks as an operator, unless a request says otherwise."""
    app = create_app(Entrance(Reader(database, registry()), TOKENS), lambda: {"status": "ok", "lag": 0})
    with served(app) as asking:
        asking.headers.update(bearer(database, None))
        yield asking


def bearer(database: Database, agency: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(database, agency, Scope.RATES_READ)}"}


def test_they_are_listed_newest_first_in_pages(client: httpx.Client) -> None:
    found = client.get("/v1/incidents", params={"from": "2024-01-01"}).json()
    assert [each["text"] for each in found["incidents"]] == ["of H25", "of H26", "of all"]
    assert found["next"] is None
    page: list[dict[str, str]] = []
    cursor = None
    for _ in range(4):
        asked = {"limit": 1} | ({} if cursor is None else {"cursor": cursor})
        answer = client.get("/v1/incidents", params=asked).json()
        page, cursor = page + answer["incidents"], answer["next"]
    assert [each["text"] for each in page] == ["of H25", "of H26", "of all", "before"]
    assert cursor is None
    for wrong in ("agency=H99", "from=soon", "to=1", "limit=0", "cursor=x", "day=1"):
        assert client.get(f"/v1/incidents?{wrong}").status_code == 400


def test_an_agency_sees_its_own_and_those_of_all(client: httpx.Client, database: Database) -> None:
    own = bearer(database, "H25")
    found = client.get("/v1/incidents", headers=own).json()["incidents"]
    assert [each["text"] for each in found] == ["of H25", "of all", "before"]
    assert client.get("/v1/incidents?agency=H26", headers=own).status_code == 403
    rates = client.get("/v1/rates", params=MARCH, headers=own).json()
    assert "of H26" not in json.dumps(rates)


def test_every_export_tells_those_that_touch_its_rates(client: httpx.Client) -> None:
    asked = MARCH | {"agency": "H25"}
    answer = client.get("/v1/rates", params=asked).json()
    assert [each["text"] for each in answer["incidents"]] == ["of H25", "of all"]
    table = client.get("/v1/rates", params=asked | {"format": "csv"}).text
    (row,) = csv.DictReader(io.StringIO(table))
    assert row.pop("incidents") == "of H25; of all"
    names = "metric definition agency group period start numerator denominator rate coverage as_of"
    assert list(row) == names.split()
    packed = client.get("/v1/rates", params=asked | {"format": "parquet"}).content
    read = parquet.read_table(io.BytesIO(packed))
    assert read.column_names == list(row)
    assert json.loads(read.schema.metadata[b"incidents"]) == answer["incidents"]


def test_an_export_that_none_touches_has_the_form_of_before(client: httpx.Client) -> None:
    asked = {"start": "2024-02-01"}
    assert client.get("/v1/rates", params=asked).json() == {"rates": []}
    assert "incidents" not in client.get("/v1/rates", params=asked | {"format": "csv"}).text
    packed = client.get("/v1/rates", params=asked | {"format": "parquet"}).content
    assert b"incidents" not in (parquet.read_schema(io.BytesIO(packed)).metadata or {})
