"""Refused events read back from their topic, and sent again once they would be accepted: counted once."""

import asyncio
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.broker import Broker
from emc.errors import ComponentError
from emc.instants import now_us
from emc.registry import Registry, load_registry
from emc.verdicts import Malformed
from sinks.audit.audit import audit
from sinks.clickhouse.database import Database
from streams.batch.outbox import Outbox
from streams.reading.app import KafkaSettings
from streams.recovery.replay import Place, Refused, Replayed, corrected, read_refused, replay, still_refused
from streams.supervision.worker import Worker
from tests.engine import embedded_database
from tests.histories import Message
from tests.histories.topic import send
from tests.waiting import digest

AGENCIES = Path(__file__).parents[3] / "emc" / "data" / "agencies.csv"
PARTITIONS = 12


def event(number: int, agency: str = "H26", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "vn.emc.dossier.v1",
        "id": f"{number}",
        "source": f"/agencies/{agency}/onestop",
        "subject": f"000.00.16.{agency}-240305-{number:04}",
        "time": "2024-03-05T09:00:00+07:00",
        "data": {"received_at": "2024-03-05T08:00:00+07:00", **data},
    }


def message(*events: dict[str, Any], key: str = "H26") -> Message:
    return Message(key.encode(), json.dumps(events).encode(), [])


@pytest.fixture
def without_h26(tmp_path: Path) -> Registry:
    """The registry before somebody added H26 to it."""
    with AGENCIES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    path = tmp_path / "agencies.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(row for row in rows if row[0] != "H26")
    return load_registry(tmp_path)


class Stream:
    """A topic of its own, a database, and workers between them."""

    def __init__(self, bootstrap: str, topic: str, database: Database, folder: Path) -> None:
        self.bootstrap, self.topic, self.database, self._folder = bootstrap, topic, database, folder

    def digest(self, registry: Registry) -> None:
        async def scenario() -> None:
            kafka = KafkaSettings(self.bootstrap, self.topic, group=self.topic)
            worker = Worker(kafka, self.database, self._folder, registry)
            await digest(worker)

        asyncio.run(scenario())

    def refused(self, **more: Any) -> list[Refused]:
        return list(read_refused(self.bootstrap, self.topic, **more))

    def replay(self, refused: list[Refused]) -> Replayed:
        outbox = Outbox(self.bootstrap)
        try:
            return replay(refused, load_registry(), now_us(), outbox.deliver, PARTITIONS, self.topic)
        finally:
            outbox.close()

    def counted(self) -> int:
        ((dossiers,),) = self.database.query("SELECT sum(dossiers) FROM tallies FINAL WHERE attribution = 1")
        return int(dossiers)


@pytest.fixture
def stream(broker: Broker, topic_names: tuple[str, str], tmp_path: Path) -> Iterator[Stream]:
    with embedded_database() as database:
        yield Stream(broker.bootstrap, topic_names[0], database, tmp_path / "worker")


def test_after_a_fix_of_the_registry_refused_events_count_and_count_once(
    stream: Stream, without_h26: Registry
) -> None:
    good, bad = [event(n) for n in range(8)], event(9, channel="by pigeon")
    sent = [message(*good[:5], bad), *(message(each) for each in good[5:])]
    send(stream.bootstrap, stream.topic, sent, PARTITIONS)
    stream.digest(without_h26)
    assert stream.counted() == 0
    found = stream.refused()
    assert len(found) == 9
    first = stream.replay(found)
    assert (first.sent, first.refused) == (8, {"invalid": 1})
    stream.digest(load_registry())
    assert stream.counted() == 8
    assert stream.replay(stream.refused()).sent == 8
    stream.digest(load_registry())
    assert stream.counted() == 8
    assert audit(stream.database, pause=0)["different"] == 0


def test_a_corrected_event_takes_the_place_of_a_refused_one(stream: Stream) -> None:
    send(stream.bootstrap, stream.topic, [message(event(1, channel="by pigeon"))], PARTITIONS)
    stream.digest(load_registry())
    (refused,) = stream.refused()
    assert refused.place.index == 0
    assert refused.reason == "invalid"
    assert refused.path == "$.data.channel"
    assert json.loads(refused.value or b"")["data"]["channel"] == "by pigeon"
    fixed = corrected(refused, json.dumps(event(1, channel="online")).encode(), None)
    assert stream.replay(fixed).sent == 1
    stream.digest(load_registry())
    assert stream.counted() == 1


def test_only_what_was_refused_since_a_moment_is_read(stream: Stream) -> None:
    send(stream.bootstrap, stream.topic, [Message(b"H26", b"{}", [])], PARTITIONS)
    stream.digest(load_registry())
    assert len(stream.refused(since_ms=now_us() // 1000 - 3_600_000)) == 1
    assert stream.refused(since_ms=now_us() // 1000 + 3_600_000) == []


def test_without_the_topic_it_says_so(broker: Broker) -> None:
    with pytest.raises(ComponentError, match=r"has no topic nowhere\.rejected"):
        list(read_refused(broker.bootstrap, "nowhere"))


def refused_record(
    value: bytes | None, index: int = 0, key: bytes | None = b"H26", reason: str = "invalid"
) -> Refused:
    return Refused(Place(0, 0, index), key, value, reason, "$", "expected", "2024-03-05T02:00:00.000Z")


def test_what_came_too_early_may_come_now() -> None:
    early = refused_record(json.dumps(event(1)).encode(), reason="future")
    assert still_refused(early, load_registry(), now_us()) is None


def test_a_whole_message_is_sent_again_once_it_holds_an_event() -> None:
    registry = load_registry()
    for value, refused in (
        (None, True),
        (b"[", True),
        (b'[{"a":1}]', True),
        (json.dumps([event(1), {}]).encode(), False),
    ):
        found = still_refused(refused_record(value, -1, reason="malformed"), registry, now_us())
        assert (found is not None) == refused


def test_an_event_without_key_stays_refused_until_one_is_given() -> None:
    value = json.dumps(event(1)).encode()
    found = still_refused(refused_record(value, key=None), load_registry(), now_us())
    assert found is not None
    assert found.reason == "agency_mismatch"
    (fixed,) = corrected(refused_record(value, key=None), value, b"H26")
    assert still_refused(fixed, load_registry(), now_us()) is None


def test_a_corrected_file_must_hold_events() -> None:
    with pytest.raises(Malformed):
        corrected(refused_record(b"{}"), b"not json", None)
