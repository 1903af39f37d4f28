"""Imports over the API: compared with what one may see, recorded for one's own agency only."""

import json
import re
from collections.abc import Iterator

import msgspec
import pytest

from emc.access import Scope
from emc.instants import parse_instant
from emc.registers import decode, values
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.api import create_app
from sinks.clickhouse.database import Database
from sinks.imports.record import ImportRecord, NoticeRecord
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.serving import TOKENS, open_entrance, served, token_of
from tests.sinks.history import Said, write_history


@pytest.fixture
def database() -> Iterator[Database]:
    with embedded_database() as fresh:
        yield fresh


AS_OF = parse_instant("2024-04-01T00:00:00+07:00")
DOSSIERS = ["H25-240305-0001", "H44-240305-0001"]


def record(agency: str = "H25") -> bytes:
    notices = [NoticeRecord(f"{agency}-240305-0001", "result_is_input")]
    found = ImportRecord(
        agency,
        f"/agencies/{agency}/import",
        "csv",
        "dossiers",
        ["a.csv"],
        [],
        AS_OF,
        1,
        1,
        0,
        notices=notices,
    )
    return msgspec.json.encode(found)


def filled(database: Database) -> None:
    for dossier in DOSSIERS:
        said = [Said("dossier", dossier, AS_OF, "1", {"status": 4})]
        said.append(Said("declaration", "2024-03-05", AS_OF, "2", {"received": 7}))
        write_history(database, dossier[:3], said)


def test_an_agency_compares_and_records_its_own(database: Database) -> None:
    filled(database)
    token = token_of(database, "H25", Scope.DOSSIERS_READ, Scope.EVENTS_WRITE)
    entrance = Entrance(Reader(database, load_registry()), TOKENS)
    with served(create_app(entrance, dict), token) as client:
        states = client.post("/v1/dossiers/states", json=DOSSIERS).json()["states"]
        assert {dossier: values(decode(state)) for dossier, state in states.items()} == {
            "H25-240305-0001": {"status": 4}
        }
        days = client.get("/v1/declarations", params={"agency": "H25"}).json()["declarations"]
        assert [(one["day"], one["received"], values(decode(one["registers"]))) for one in days] == [
            ("2024-03-05", 7, {"received": 7})
        ]
        assert client.get("/v1/declarations", params={"agency": "H44"}).status_code == 403
        id_ = client.post("/v1/imports", content=record()).json()["id"]
        assert client.post("/v1/imports", content=record("H44")).status_code == 403
        assert [one["id"] for one in client.get("/v1/imports").json()["imports"]] == [id_]
        assert client.get(f"/v1/imports/{id_}").json()["rows"] == 1
        assert client.get("/v1/imports", params={"agency": "H44"}).status_code == 403
        assert client.get("/v1/source-warnings", params={"agency": "H44"}).status_code == 403
        warnings = client.get("/v1/source-warnings", params={"agency": "H25"}).json()["warnings"]
        assert {row["warning"]: row["dossiers"] for row in warnings}["result_is_input"] == 1
    other = token_of(database, "H44", Scope.DOSSIERS_READ)
    with served(create_app(entrance, dict), other) as client:
        assert client.get("/v1/imports").json() == {"imports": []}
        assert client.get(f"/v1/imports/{id_}").status_code == 404
        assert client.post("/v1/imports", content=record("H44")).status_code == 403  # it may not send


def test_bodies_that_are_none_are_refused_in_one_sentence(database: Database) -> None:
    with served(create_app(open_entrance(database), dict)) as client:
        for path, body in (
            ("/v1/dossiers/states", b'["XXX"]'),
            ("/v1/dossiers/states", b"{}"),
            ("/v1/dossiers/states", msgspec.json.encode(["H25-240305-0001"] * 1001)),
            ("/v1/imports", b"XXX"),
            ("/v1/imports", b'{"agency": "XXX"}'),
        ):
            answer = client.post(path, content=body)
            assert answer.status_code == 400, answer.text
            assert "expected" in answer.json()["error"]
            assert "XXX" not in answer.text


def test_a_notice_about_another_agencys_dossier_is_not_kept(database: Database) -> None:
    notices = [NoticeRecord("H44-240305-0001", "result_is_input")]
    found = ImportRecord(
        "H25", "/agencies/H25/import", "csv", "dossiers", [], [], AS_OF, 1, 1, 0, notices=notices
    )
    with served(create_app(open_entrance(database), dict)) as client:
        client.post("/v1/imports", content=msgspec.json.encode(found))
    assert database.query("SELECT count() FROM notices") == [(0,)]


def test_what_a_file_is_compared_with_comes_in_pages(database: Database) -> None:
    days = [19_783, 19_784, 19_785]
    database.insert(
        "declarations",
        {
            "agency": ["H31"] * 3, "day": days, "received": [1, 2, 3], "resolved": [None] * 3,
            "registers": ["[]"] * 3, "version": [1] * 3,
        },
    )  # fmt: skip
    entrance = Entrance(Reader(database, load_registry()), TOKENS)
    token = token_of(database, "H31", Scope.DOSSIERS_READ)
    with served(create_app(entrance, dict), token) as client:
        asked: dict[str, str | int] = {"agency": "H31", "limit": 2}
        first = client.get("/v1/declarations", params=asked).json()
        assert [one["received"] for one in first["declarations"]] == [1, 2]
        rest = client.get("/v1/declarations", params=asked | {"cursor": first["next"]}).json()
        assert ([one["received"] for one in rest["declarations"]], rest["next"]) == ([3], None)
        times = client.get("/v1/metric-times", params=asked).json()
        more = client.get("/v1/metric-times", params=asked | {"cursor": times["next"]}).json()
        assert not {one["metric"] for one in times["metrics"]} & {one["metric"] for one in more["metrics"]}
        for path in ("catalogue", "declarations", "source-warnings", "metric-times"):
            assert client.get(f"/v1/{path}", params=asked | {"limit": 0}).status_code == 400
            assert client.get(f"/v1/{path}", params=asked | {"cursor": "-"}).status_code == 400
        foreign = client.get("/v1/declarations", params=asked | {"cursor": times["next"]})
        assert foreign.status_code == 400, "the cursor of another list, whose places are numbers"


def test_every_form_that_the_description_names_is_in_it(database: Database) -> None:
    entrance = Entrance(Reader(database, load_registry()), TOKENS)
    described = create_app(entrance, dict).openapi()
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert "Declarations" in named
    assert named <= set(described["components"]["schemas"])
