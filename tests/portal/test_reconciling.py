"""POST /v1/reconciliations: a list of one's own, as JSON or CSV; nothing of another agency."""

import csv
import io
from collections.abc import Iterator

import httpx
import pytest

from emc.access import Scope
from portal.access.entrance import Entrance
from portal.api import create_app
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.serving import TOKENS, served, token_of

MARCH = {"agency": "H25", "start": "2024-03-01"}
LIST = "dossier,online\nH25-240305-0000,true\nH25-240305-0001,\nH25-240305-0009,\n"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Three dossiers of March of H25, one of H26."""
    with embedded_database() as made:
        codes = [*(f"H25-240305-{n:04}" for n in range(3)), "H26-240305-0001"]
        made.insert("dossiers", {
            "agency": ["H25"] * 3 + ["H26"], "dossier": codes, "month": [202403] * 4, "registers": ["[]"] * 4,
            "received_at": [1_709_600_000_000_000] * 4, "status": [2] * 4, "version": [1] * 4,
        })  # fmt: skip
        yield made


@pytest.fixture(scope="module")
def client(database: Database) -> Iterator[httpx.Client]:
    """Asks as H25, and sends CSV."""
    app = create_app(Entrance(Reader(database, registry()), TOKENS), lambda: {"status": "ok", "lag": 0})
    with served(app, token_of(database, "H25", Scope.DOSSIERS_READ)) as asking:
        asking.headers["content-type"] = "text/csv"
        yield asking


def test_every_set_is_told(client: httpx.Client) -> None:
    found = client.post("/v1/reconciliations", params=MARCH, content=LIST).json()
    assert found["counts"] == {"both": 1, "differently": 1, "only_theirs": 1, "only_ours": 1}
    assert [(each["set"], each["dossier"], each["fact"]) for each in found["differences"]] == [
        ("differently", "H25-240305-0000", "online"),
        ("only_ours", "H25-240305-0002", None),
        ("only_theirs", "H25-240305-0009", None),
    ]
    short = client.post("/v1/reconciliations", params=MARCH | {"limit": "1"}, content=LIST).json()
    assert (len(short["differences"]), short["has_more"]) == (1, True)
    table = client.post("/v1/reconciliations", params=MARCH | {"format": "csv"}, content=LIST)
    assert "attachment" in table.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert (rows[0]["theirs"], rows[0]["ours"], rows[0]["reason"]) == (
        *("true", "false"),
        "it was not submitted online",
    )
    assert len(rows) == 3


def test_a_list_tells_nothing_of_others(client: httpx.Client) -> None:
    content = "dossier\nH26-240305-0001\nH26-240305-0009\n"
    found = client.post("/v1/reconciliations", params=MARCH, content=content).json()
    theirs = [each["reason"] for each in found["differences"] if each["set"] == "only_theirs"]
    assert theirs == ["its code is another agency's"] * 2, "whether it is known or not"
    another = MARCH | {"agency": "H26"}
    assert client.post("/v1/reconciliations", params=another, content=LIST).status_code == 403


def test_what_is_sent_wrongly_is_told(client: httpx.Client, database: Database) -> None:
    asked = "/v1/reconciliations"
    assert client.post(asked, params=MARCH, content="dossier\nx\n").status_code == 400
    for wrong in ({"day": "x"}, {"start": "2024-03-02"}, {"period": "x"}, {"format": "x"}, {"limit": "0"}):
        assert client.post(asked, params=MARCH | wrong, content=LIST).status_code == 400
    as_json = {"content-type": "application/json"}
    assert client.post(asked, params=MARCH, content="[]", headers=as_json).status_code == 415
    rates_only = {"Authorization": f"Bearer {token_of(database, 'H25', Scope.RATES_READ)}"}
    assert client.post(asked, params=MARCH, content=LIST, headers=rates_only).status_code == 403


def test_a_list_that_is_too_large_is_not_held(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.reconciling.LARGEST", 10)
    assert client.post("/v1/reconciliations", params=MARCH, content=LIST).status_code == 413
