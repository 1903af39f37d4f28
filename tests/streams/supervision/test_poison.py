"""Messages that real clients can produce, against the worker: none stops the stream, lag is 0 in the end."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from deploy.broker import Broker
from emc.identifiers import partition_of
from emc.registry import load_registry
from sinks.audit.audit import audit
from sinks.clickhouse.database import Database
from streams.reading.app import KafkaSettings
from streams.reading.batches import Batch
from streams.supervision.worker import Worker
from tests.records import Header, RawRecord, encode_batch, produce
from tests.streams.supervision.test_worker import dossier, received
from tests.waiting import caught_up

HOME = partition_of(b"H25", 12)
SINGLE: Header = (b"content-type", b"application/cloudevents+json")
Step = Callable[[], Awaitable[None]]


class Scene:
    """A topic with messages, and a worker that reads it."""

    def __init__(self, broker: Broker, topic: str, database: Database, folder: Path) -> None:
        self.broker, self.topic, self.database, self._folder = broker, topic, database, folder
        self._number = 0

    def event(self, headers: tuple[Header, ...] = ()) -> RawRecord:
        """A valid event that no other is about."""
        self._number += 1
        return RawRecord(b"H25", json.dumps(dossier(self._number)).encode(), (SINGLE, *headers))

    def put(self, *events: RawRecord, partition: int = HOME, codec: str = "none") -> int:
        return produce(self.broker.bootstrap, self.topic, partition, encode_batch(events, codec))[0]

    def transaction(self, end: str) -> None:
        """One event, in a transaction that is committed, aborted or left open."""
        producer = KafkaProducer(
            bootstrap_servers=self.broker.bootstrap, transactional_id=f"{self.topic}-{end}-{self._number}"
        )
        producer.init_transactions()
        producer.begin_transaction()
        event = self.event()
        producer.send(self.topic, event.value, event.key, partition=HOME)
        producer.flush()
        if end == "commit":
            producer.commit_transaction()
        elif end == "abort":
            producer.abort_transaction()
        producer.close(timeout=1)

    def digest(self, *steps: Callable[[], object]) -> Worker:
        """Lets a worker read until lag is 0, once after each step; it may not begin its stream anew."""

        async def scenario() -> Worker:
            kafka = KafkaSettings(self.broker.bootstrap, self.topic, group=self.topic)
            worker = Worker(kafka, self.database, self._folder, load_registry())
            await worker.start()
            try:
                for step in (lambda: None, *steps):
                    await asyncio.to_thread(step)
                    await caught_up(worker)
            finally:
                await worker.stop()
            return worker

        worker = asyncio.run(scenario())
        assert audit(self.database, pause=0)["different"] == 0
        return worker

    def refused(self) -> list[tuple[int, int, str, str]]:
        """Partition, offset, reason and detail of each refusal."""
        sql = "SELECT partition, offset, reason, detail FROM rejections FINAL ORDER BY partition, offset"
        return [(row[0], row[1], row[2], row[3]) for row in self.database.query(sql)]


@pytest.fixture
def scene(
    broker: Broker,
    topic_names: tuple[str, str],
    database: Database,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Scene]:
    yield Scene(broker, topic_names[0], database, tmp_path)
    begun_anew = ("starting the stream again", "batch failed", "messages were passed over")
    assert [record.message for record in caplog.records if record.message in begun_anew] == []


def test_headers_of_any_bytes_count_where_they_are_and_where_they_are_not(scene: Scene) -> None:
    strange: tuple[Header, ...] = ((b"x-m\xe3-vi\xd6c", b"1"), (b"x-trace", None), (b"", b"\xff"))
    scene.put(scene.event(strange), scene.event())
    scene.put(scene.event(strange), scene.event(), partition=(HOME + 1) % 12)
    worker = scene.digest()
    assert received(scene.database) == 4
    assert worker.progress.totals["forwarded"] == 2
    assert scene.refused() == []


def test_a_message_with_neither_key_nor_value_is_refused(scene: Scene) -> None:
    at = scene.put(RawRecord(None, None), scene.event())
    scene.digest()
    assert received(scene.database) == 1
    assert [row[:3] for row in scene.refused()] == [(HOME, at, "malformed")]


def test_a_key_of_megabytes_is_refused_and_its_bytes_kept(scene: Scene) -> None:
    at = scene.put(RawRecord(b"k" * 3_000_000, b"{}"), scene.event(), codec="zstd")
    scene.digest()
    assert received(scene.database) == 1
    assert [row[:2] for row in scene.refused()] == [(HOME, at)]


def test_transactions_count_once_committed_and_never_hold_up(scene: Scene) -> None:
    steps = [
        lambda: scene.transaction("commit"),
        lambda: scene.transaction("abort"),
        lambda: scene.put(scene.event()),
        lambda: scene.transaction("commit"),
    ]
    scene.digest(*steps)
    assert received(scene.database) == 3


def test_what_cannot_be_read_is_refused_by_its_place(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """No client can make the broker keep such a batch: the checksum is made to seem wrong."""
    first = scene.put(scene.event(), scene.event())
    scene.put(scene.event())
    whole = Batch.is_whole
    monkeypatch.setattr(Batch, "is_whole", lambda batch: batch.base_offset != first and whole(batch))
    scene.digest()
    assert received(scene.database) == 1
    told = "expected a message that can be read"
    assert scene.refused() == [(HOME, first, "malformed", told), (HOME, first + 1, "malformed", told)]
