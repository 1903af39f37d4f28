"""Records and messages in the formats that dossier systems send already, through a real broker."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from deploy.broker import Broker
from emc.agencies import TrackingSite
from emc.registry import Registry
from portal.access.entrance import Entrance
from portal.api import create_gateway
from portal.sending.adapted import is_from
from portal.sending.limits import SendLimits
from portal.sending.routes import Sending
from producers.courier import Courier
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.sending.test_sending import Gateway
from tests.portal.serving import TOKENS, served

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Tables for tokens."""
    with embedded_database() as made:
        yield made


@pytest.fixture
def gateway(broker: Broker, topic_names: tuple[str, str], database: Database) -> Iterator[Gateway]:
    """One that knows two sites, of which one is bound to an address that nobody here has."""
    sites = [TrackingSite("7", "H25", "one-stop"), TrackingSite("8", "H26", "x", ("203.0.113.0/24",))]
    known = Registry(registry().agencies.values(), (), sites)
    with Entrance(Reader(database, known), TOKENS) as entrance:
        courier = Courier(broker.bootstrap, topic_names[0])
        app = create_gateway(entrance, dict, Sending(entrance.guard, courier, SendLimits()))
        with served(app) as client:
            yield Gateway(broker, topic_names[0], database, client)
        courier.close()


def record(**changes: object) -> dict[str, object]:
    """A record as a one-stop system writes it, with somebody in it."""
    return {
        "MaHoSo": "H25.16-240305-0001", "MaTTHC": "1.010708", "KenhThucHien": "2", "TrangThaiHoSo": "2",
        "NgayTiepNhan": "20240305083000", "ChuHoSo": "marker-of-a-person",
    } | changes  # fmt: skip


def test_records_are_answered_one_by_one_and_nobody_is_kept(gateway: Gateway) -> None:
    sent = [record(), record(MaHoSo="no code"), record(MaHoSo="H25.16-240305-0002", KenhThucHien="9")]
    answer = gateway.post(sent, JSON, "/v1/dossier-sync?agency=H25&as_of=2024-03-06T08:00:00%2B07:00")
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["accepted"], told["rejected"]) == (1, 2)
    assert [result.get("path") for result in told["results"]] == [None, "$.subject", "$.data.channel"]
    kept = b"".join(message.value for message in gateway.kept())
    assert b"marker-of-a-person" not in kept
    assert b'"time":"2024-03-06T01:00:00' in kept


def test_an_envelope_is_opened(gateway: Gateway) -> None:
    enveloped = {"service": "DongBoHoSoMC", "data": [record()]}
    assert gateway.post(enveloped, JSON, "/v1/dossier-sync").json()["accepted"] == 1


def test_what_is_odd_in_a_record_that_counts_is_kept_beside_it(gateway: Gateway, database: Database) -> None:
    odd = record(MaHoSo="H25.16-240305-0077", DinhDanhCHS=[{"SoDinhDanh": "000000001"}])
    refused = record(MaHoSo="H25.16-240305-0078", KenhThucHien="9", TrangThaiHoSo="?")
    gateway.post([odd, refused], JSON, "/v1/dossier-sync")
    rows = database.query("SELECT dossier, source, notice FROM notices FINAL ORDER BY dossier")
    assert rows == [("H25.16-240305-0077", "/agencies/H25/dossier-sync", "placeholder_identity")]


@pytest.mark.parametrize(
    ("query", "status"),
    [("agency=H26", 403), ("agency=H99", 400), ("as_of=yesterday", 400), ("system=%20", 400), ("x=1", 400)],
)
def test_what_is_asked_wrongly_is_told(gateway: Gateway, query: str, status: int) -> None:
    assert gateway.post([record()], JSON, f"/v1/dossier-sync?{query}").status_code == status
    assert gateway.kept() == []


def test_bodies_that_hold_no_records_are_refused(gateway: Gateway) -> None:
    assert gateway.post(b"", JSON, "/v1/dossier-sync").status_code == 400
    assert gateway.post([record()] * 1001, JSON, "/v1/dossier-sync").status_code == 413
    assert gateway.post([record()], "text/plain", "/v1/dossier-sync").status_code == 415


@pytest.mark.parametrize("media", [JSON, FORM])
def test_a_tracking_message_is_taken_from_its_site(gateway: Gateway, media: str) -> None:
    said = {"siteId": "7", "codeProfile": "H25.16-240305-0003", "status": "1", "formsReception": "1"}
    body = json.dumps(said) if media == JSON else urlencode(said)
    gateway.token = "none"
    answer = gateway.client.post("/TrackingMCDT", content=body, headers={"Content-Type": media})
    assert (answer.status_code, answer.content) == (204, b"")
    (message,) = gateway.kept()
    assert message.key == b"H25"
    assert json.loads(message.value)["source"] == "/agencies/H25/one-stop"


def test_other_sites_and_addresses_are_refused(gateway: Gateway) -> None:
    for said, status in (({"siteId": "9"}, 400), ({}, 400), ({"siteId": "8"}, 403)):
        body = json.dumps({"codeProfile": "H26-240305-0003", "status": 1} | said)
        answer = gateway.client.post("/TrackingMCDT", content=body, headers={"Content-Type": JSON})
        assert answer.status_code == status, answer.text
    assert gateway.kept() == []
    assert is_from(TrackingSite("8", "H26", "x", ("203.0.113.0/24",)), "203.0.113.9")
