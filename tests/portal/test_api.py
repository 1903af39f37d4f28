"""The API over real tables: its answers, and one shape for every error."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emc.definitions import DEFINITIONS
from emc.errors import ComponentError
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.api import create_app
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.serving import OPEN, served

HEALTH: dict[str, Any] = {"status": "ok", "lag": 0}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """Reads tables with one refused event in them."""
    with embedded_database() as database:
        row: dict[str, list[Any]] = {
            "agency": ["H25"], "reason": ["invalid"], "path": ["$.time"], "detail": ["expected RFC 3339"],
            "id": ["1"], "topic": ["emc.events"], "partition": [3], "offset": [7], "index": [0],
            "rejected_at": [1_714_000_000_000], "version": [1],
        }  # fmt: skip
        database.insert("rejections", row)
        yield Reader(database, load_registry())


@pytest.fixture(scope="module")
def client(reader: Reader) -> Iterator[httpx.Client]:
    """Asks the API."""
    with served(create_app(Entrance(reader, OPEN), lambda: HEALTH)) as asking:
        yield asking


def test_rates_of_an_empty_period_are_an_empty_list(client: httpx.Client) -> None:
    assert client.get("/v1/rates").json() == {"rates": []}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/rates?metrics=data_reuse", "metrics is no parameter of this address"),
        ("/v1/rates?from_=2024-03-01", "from_ is no parameter of this address"),
        ("/v1/rates?metric=x", "metric is 'x', expected one of online_submission"),
        ("/v1/rates?start=2024-3-1", "start is '2024-3-1', expected a date YYYY-MM-DD"),
        ("/v1/rates?period=last7&start=9999-12-31", "start is '9999-12-31', expected a date of 1970 to 2100"),
        ("/v1/rates?start=0001-01-01", "start is '0001-01-01', expected a date of 1970 to 2100"),
        (
            "/v1/changes?metric=data_reuse&agency=H25&from=2024-03-01&to=9999-12-31",
            "to is '9999-12-31', expected a date of 1970 to 2100",
        ),
        ("/v1/rejections?limit=many", "limit is 'many', expected an integer"),
        ("/v1/rejections?limit=1001", "limit is 1001, expected 1 to 1000"),
        ("/v1/rejections?before=yesterday", "before is 'yesterday', expected RFC 3339 with offset"),
        ("/v1/dossiers?metric=data_reuse", "agency is missing"),
        (
            "/v1/dossiers?metric=x&agency=H25&period=month&start=2024-03-01",
            "metric is 'x', expected one of online_submission",
        ),
        ("/v1/dossiers/no-code/explanation", "dossier is 'no-code', expected a code like"),
        ("/v1/health?verbose=1", "verbose is no parameter of this address"),
    ],
)
def test_what_is_asked_wrongly_is_a_400_with_a_sentence(client: httpx.Client, path: str, said: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error", "reason"]
    assert said in answer.json()["error"]


def test_a_range_may_be_as_wide_as_dates_are(client: httpx.Client) -> None:
    for path in ("/v1/rates", "/v1/incidents"):
        assert client.get(f"{path}?from=0001-01-01&to=9999-12-31").status_code == 200


def test_what_does_not_exist_is_a_404(client: httpx.Client) -> None:
    for path in ("/v2", "/v1/dossiers/H25.1-240305-0001/explanation"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert list(answer.json()) == ["error", "reason"]
    assert client.post("/v1/rates").json() == {
        "error": "this address takes no such method",
        "reason": "method_not_allowed",
    }


def test_rejections_have_the_fields_of_the_contract(client: httpx.Client) -> None:
    (found,) = client.get("/v1/rejections?agency=H25").json()["rejections"]
    assert found == {
        "reason": "invalid",
        "path": "$.time",
        "detail": "expected RFC 3339",
        "agency": "H25",
        "id": "1",
        "subject": None,
        "source": None,
        "partition": 3,
        "offset": 7,
        "index": 0,
        "rejected_at": "2024-04-25T06:06:40.000000+07:00",
        "accepted_at": None,
    }
    assert client.get("/v1/rejections?agency=H26").json() == {"rejections": [], "next": None}
    assert client.get("/v1/rejections", params={"before": found["rejected_at"]}).json() == {
        "rejections": [],
        "next": None,
    }


def test_dossiers_are_valid_json_also_when_there_are_none(client: httpx.Client) -> None:
    path = "/v1/dossiers?metric=data_reuse&agency=H25&period=month&start=2024-03-01&missing=true"
    assert client.get(path).json() == {"dossiers": [], "next": None}


def test_definitions_and_agencies_are_those_of_the_data_files(client: httpx.Client) -> None:
    found = client.get("/v1/definitions").json()["definitions"]
    assert [(d["metric"], d["name"]) for d in found] == [(d.metric, d.name) for d in DEFINITIONS]
    agencies = client.get("/v1/agencies").json()["agencies"]
    assert len(agencies) == len(load_registry().agencies)


@pytest.mark.parametrize(("status", "code"), [("ok", 200), ("degraded", 200), ("down", 503)])
def test_the_status_of_health_decides_its_code(reader: Reader, status: str, code: int) -> None:
    with served(create_app(Entrance(reader, OPEN), lambda: HEALTH | {"status": status})) as client:
        answer = client.get("/v1/health")
    assert (answer.status_code, answer.json()["status"]) == (code, status)


def test_an_engine_that_is_away_is_a_503(
    reader: Reader, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ComponentError("ClickHouse at host:8123 does not answer")

    monkeypatch.setattr(reader.database, "query", away)
    answer = client.get("/v1/rates")
    assert answer.status_code == 503
    assert answer.json() == {"error": "ClickHouse at host:8123 does not answer", "reason": "unavailable"}


def test_a_fault_of_ours_tells_nothing_of_the_inside(
    reader: Reader, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(reader.database, "query", broken)
    answer = client.get("/v1/rates")
    assert answer.status_code == 500
    assert "inside" not in answer.text


def test_metrics_come_from_the_hook(reader: Reader) -> None:
    with served(create_app(Entrance(reader, OPEN), lambda: HEALTH, lambda: b"emc_up 1\n")) as client:
        answer = client.get("/metrics")
    assert answer.text == "emc_up 1\n"
    assert answer.headers["content-type"].startswith("text/plain")
