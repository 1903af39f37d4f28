"""Events sent over HTTP through a real broker: what lies in Kafka, and the answer, which is the stream's."""

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import zstandard
from kafka import KafkaConsumer, TopicPartition

from deploy.broker import Broker
from emc.access import Scope
from emc.contract import judge, split_message
from emc.instants import format_instant, now_us
from emc.registry import Registry
from emc.verdicts import Rejected
from portal.access.entrance import Entrance
from portal.api import create_gateway
from portal.sending.limits import SendLimits
from portal.sending.routes import Sending
from producers.courier import Courier, Message, Told
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.serving import TOKENS, served, token_of

SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Tables for tokens."""
    with embedded_database() as made:
        yield made


class Gateway:
    """A gateway on a topic of its own, with a token of H25."""

    def __init__(self, broker: Broker, topic: str, database: Database, client: httpx.Client) -> None:
        self.broker, self.topic, self.client = broker, topic, client
        self.token = token_of(database, "H25", Scope.EVENTS_WRITE)

    def post(
        self, body: Any, media: str = SINGLE, path: str = "/v1/events", **headers: str
    ) -> httpx.Response:
        """Posts a body; anything but bytes as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": media}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, content=content, headers=given | more)

    def kept(self) -> list[Any]:
        """All messages of the topic."""
        consumer = KafkaConsumer(bootstrap_servers=self.broker.bootstrap, enable_auto_commit=False)
        places = [TopicPartition(self.topic, n) for n in consumer.partitions_for_topic(self.topic)]
        consumer.assign(places)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(places)
        found: list[Any] = []
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=500).values():
                found += records
        consumer.close()
        return found


@pytest.fixture
def gateway(broker: Broker, topic_names: tuple[str, str], database: Database) -> Iterator[Gateway]:
    """One that is ready."""
    with Entrance(Reader(database, registry()), TOKENS) as entrance:
        courier = Courier(broker.bootstrap, topic_names[0])
        sending = Sending(entrance.guard, courier, SendLimits())
        app = create_gateway(entrance, lambda: {"status": "ok", "lag": None}, sending)
        with served(app) as client:
            yield Gateway(broker, topic_names[0], database, client)
        courier.close()


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A dossier event of H25."""
    return {
        "specversion": "1.0", "id": f"e{number}", "source": "/agencies/H25/one-stop",
        "type": "vn.emc.dossier.v1", "subject": f"H25.16-240305-{number:04}",
        "time": "2024-03-05T08:31:07+07:00", "data": {"channel": "online"},
    } | changes  # fmt: skip


def judged_there(gateway: Gateway, known: Registry) -> list[dict[str, Any]]:
    """What the stream makes of everything in the topic, as results are answered."""
    found = []
    for record in gateway.kept():
        media = dict(record.headers)["content-type"].decode()
        for text in split_message(record.value, media):
            verdict = judge(text, record.key, record.timestamp * 1000, known)
            refused = isinstance(verdict, Rejected)
            found.append({"id": verdict.id, "status": "rejected" if refused else "accepted"})
            if isinstance(verdict, Rejected):
                found[-1] |= {"reason": verdict.reason.value, "path": verdict.path, "detail": verdict.detail}
    return found


def test_one_event_is_taken_once_kafka_has_it(gateway: Gateway) -> None:
    answer = gateway.post(event())
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1, "rejected": 0, "results": [{"index": 0, "id": "e1", "status": "accepted"}],
    }  # fmt: skip
    (record,) = gateway.kept()
    assert (record.key, json.loads(record.value)) == (b"H25", event())


def test_the_answer_is_what_the_stream_makes_of_each(gateway: Gateway) -> None:
    near = format_instant(now_us() + 3_599_000_000)
    far = format_instant(now_us() + 3_700_000_000)
    sent = [
        event(1), event(2, data={"chanel": "online"}), event(3, data={"channel": 7}),
        event(4, subject="H26.16-240305-0004"), event(5, subject="H24.16-240305-0005"), event(6, time=near),
        event(7, time=far), event(8, specversion="0.3"), event(9, subject="no code"), 7, {"id": "x"},
        event(10, type="vn.emc.heartbeat.v1", subject="one-stop", data={}),
        event(11, id="012345678"), event(12, data={"status": "012345678"}, id="012345678"),
    ]  # fmt: skip
    answer = gateway.post(sent, BATCH)
    assert answer.status_code == 202
    told = answer.json()
    assert [result["index"] for result in told["results"]] == list(range(len(sent)))
    assert told["accepted"] + told["rejected"] == len(sent)
    plain = [{k: v for k, v in result.items() if k != "index"} for result in told["results"]]
    assert sorted(map(repr, plain)) == sorted(map(repr, judged_there(gateway, registry())))
    again = gateway.post(sent, BATCH)
    assert again.json() == told


def test_another_agencys_source_is_told_and_kept_nowhere(gateway: Gateway) -> None:
    foreign = event(2, source="/agencies/H26/one-stop", subject="H26.16-240305-0002", id="marker")
    told = gateway.post([event(1), foreign], BATCH).json()
    assert told["results"][1] == {
        "index": 1, "id": "marker", "status": "rejected", "reason": "forbidden_source", "path": "$.source",
        "detail": "expected the agency of the token",
    }  # fmt: skip
    assert [record.value.find(b"marker") for record in gateway.kept()] == [-1]


def test_what_cannot_be_attributed_stays_with_its_sender(gateway: Gateway) -> None:
    gateway.post([event(1, source=7, subject="H26.16-240305-0001"), 5], BATCH)
    assert {record.key for record in gateway.kept()} == {b"H25"}


def test_a_successor_reports_for_another_by_the_parameter(gateway: Gateway) -> None:
    beat = event(1, type="vn.emc.heartbeat.v1", subject="one-stop", data={})
    assert gateway.post(beat, path="/v1/events?agency=H24").json()["accepted"] == 1
    told = gateway.post(beat, path="/v1/events?agency=H26").json()
    assert told["results"][0]["reason"] == "agency_mismatch"
    assert {record.key for record in gateway.kept()} == {b"H24", b"H26"}
    assert gateway.post(beat, path="/v1/events?agency=H99").status_code == 400
    assert gateway.post(beat, path="/v1/events?agencies=H24").status_code == 400


def test_binary_mode_is_the_same_event(gateway: Gateway) -> None:
    headers = {f"ce_{name}": str(value) for name, value in event().items() if name != "data"}
    answer = gateway.post({"channel": "online"}, "application/json", **headers)
    assert answer.json()["accepted"] == 1
    assert json.loads(gateway.kept()[0].value) == event()
    assert gateway.post(b"{", "application/json", **headers).status_code == 400
    assert gateway.post(b"{}", "application/json", ce_id="%ff").status_code == 400


def test_binary_mode_needs_no_content_type(gateway: Gateway) -> None:
    headers = {f"ce_{name}": str(value) for name, value in event().items() if name != "data"}
    assert gateway.post({"channel": "online"}, "", **headers).json()["accepted"] == 1
    assert gateway.post({"channel": "online"}, "text/xml", **headers).status_code == 415
    assert gateway.post(event(), "").status_code == 415


def test_who_asks_whether_to_send_too_much_is_told_not_to(gateway: Gateway) -> None:
    url = gateway.client.base_url
    told = (
        "POST /v1/events HTTP/1.1",
        f"Host: {url.netloc.decode()}",
        f"Authorization: Bearer {gateway.token}",
    )
    length = "Content-Length: 1048577", "Expect: 100-continue", f"Content-Type: {SINGLE}"
    with socket.create_connection((url.host, url.port or 80), 20) as asking:
        asking.sendall("\r\n".join((*told, *length, "", "")).encode())
        assert asking.recv(12) == b"HTTP/1.1 413"


def test_an_attribute_is_read_however_its_header_is_written(gateway: Gateway) -> None:
    headers = {f"ce-{name}": str(value) for name, value in event().items() if name != "data"}
    for written in ("%E1%BB%87-1", "ệ-1", '"ệ-1"', '"%e1%bb%87\\-1"'):
        given = [(name, value.encode()) for name, value in (headers | {"ce-id": written}).items()]
        told = [
            (b"Authorization", f"Bearer {gateway.token}".encode()),
            (b"Content-Type", b"application/json"),
        ]
        answer = gateway.client.post("/v1/events", content=b"{}", headers=[*given, *told])  # type: ignore[arg-type]
        assert answer.json()["results"] == [{"index": 0, "id": "ệ-1", "status": "accepted"}], written


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "zstd"])
def test_bodies_are_decoded_within_the_limit(gateway: Gateway, encoding: str) -> None:
    def packed(body: bytes) -> bytes:
        return zstandard.compress(body) if encoding == "zstd" else gzip.compress(body)

    body = json.dumps(event()).encode()
    assert gateway.post(packed(body), content_encoding=encoding).json()["accepted"] == 1
    bomb = packed(b" " * 30_000_000)
    assert len(bomb) < 100_000
    assert gateway.post(bomb, content_encoding=encoding).json()["reason"] == "too_large"
    for broken in (packed(body)[:-9], b"none"):
        assert gateway.post(broken, content_encoding=encoding).status_code == 400


def test_a_gzip_of_very_many_members_is_refused(gateway: Gateway) -> None:
    halves = [json.dumps(event()).encode()[place:][:10] for place in range(0, 990, 10)]
    assert gateway.post(b"".join(map(gzip.compress, halves)), content_encoding="gzip").json()["accepted"] == 1
    answer = gateway.post(gzip.compress(b" ") * 40_000, content_encoding="gzip")
    assert (answer.status_code, "more than 100 members" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize(
    ("body", "media", "status", "reason"),
    [
        (b"{", SINGLE, 400, "invalid_request"),
        (b"[]", SINGLE, 400, "invalid_request"),
        (b"{}", BATCH, 400, "invalid_request"),
        (b"\xff", BATCH, 400, "invalid_request"),
        (b"[" * 100_000, SINGLE, 400, "invalid_request"),
        (b"[" + b"1," * 1000 + b"1]", BATCH, 413, "too_large"),
        (b" " * (1024 * 1024 + 1), SINGLE, 413, "too_large"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b"{}", SINGLE + "; charset=utf-16", 415, "unsupported_media_type"),
    ],
)
def test_what_is_no_request_is_refused_whole(
    gateway: Gateway, body: bytes, media: str, status: int, reason: str
) -> None:
    answer = gateway.post(body, media)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert gateway.kept() == []


def test_an_empty_batch_and_the_largest_event_are_taken(gateway: Gateway) -> None:
    assert gateway.post([], BATCH).json() == {"accepted": 0, "rejected": 0, "results": []}
    whole = event()
    body = json.dumps(whole).encode()
    full = body + b" " * (1024 * 1024 - len(body))
    assert gateway.post(full).json()["accepted"] == 1
    assert len(gateway.kept()[0].value) == 1024 * 1024


def test_sending_needs_its_scope_and_a_token(gateway: Gateway, database: Database) -> None:
    gateway.token = token_of(database, "H25", Scope.RATES_READ, Scope.DOSSIERS_READ)
    assert gateway.post(event()).status_code == 403
    gateway.token = "emc_wrong"
    assert gateway.post(event()).status_code == 401
    assert gateway.kept() == []


def test_who_sends_too_much_is_told_when_to_come_again(
    broker: Broker, topic_names: tuple[str, str], database: Database
) -> None:
    with Entrance(Reader(database, registry()), TOKENS) as entrance:
        courier = Courier(broker.bootstrap, topic_names[0])
        app = create_gateway(entrance, dict, Sending(entrance.guard, courier, SendLimits(events=3)))
        with served(app) as client:
            gateway = Gateway(broker, topic_names[0], database, client)
            assert gateway.post([event(1), event(2)], BATCH).status_code == 202
            answer = gateway.post([event(3), event(4)], BATCH)
            assert (answer.status_code, answer.json()["reason"]) == (429, "too_many_requests")
            assert 1 <= int(answer.headers["retry-after"]) <= 60
            assert gateway.post(event(3)).status_code == 202
        courier.close()


def test_without_kafka_nothing_is_known(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producers.courier.PATIENCE", 1.0)
    with Entrance(Reader(database, registry()), TOKENS) as entrance:
        courier = Courier("127.0.0.1:1", "emc.events")
        app = create_gateway(entrance, dict, Sending(entrance.guard, courier, SendLimits()))
        with served(app, token_of(database, "H25", Scope.EVENTS_WRITE)) as client:
            answer = client.post("/v1/events", json=event(), headers={"Content-Type": SINGLE})
    assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")


class Silent(Courier):
    """Takes messages and never tells what became of them, as a broker that hangs."""

    def send(self, message: Message, told: Told) -> None:
        """Keeps silent."""


def test_a_kafka_that_hangs_is_given_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.sending.post.PATIENCE", 0.2)
    with Entrance(Reader(database, registry()), TOKENS) as entrance:
        app = create_gateway(entrance, dict, Sending(entrance.guard, Silent("127.0.0.1:1"), SendLimits()))
        with served(app, token_of(database, "H25", Scope.EVENTS_WRITE)) as client:
            answer = client.post("/v1/events", json=event(), headers={"Content-Type": SINGLE})
    assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
    assert "send them again" in answer.json()["error"]
