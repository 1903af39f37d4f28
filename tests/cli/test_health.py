"""The health answer comes within a second whatever hangs, and lag 0 means that the rates are up to date."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from cli.commands.doctor_kafka import Kafka
from cli.runtime.health import Health
from deploy.broker import Broker
from emc.errors import ComponentError
from emc.registry import load_registry
from producers.client import Client
from sinks.clickhouse.database import Database
from sinks.prometheus.bounded_read import Prompt, TooSlow
from sinks.queries.reader import Reader
from streams.reading.topic import TopicReader
from streams.supervision.lag import OpenTransaction, read_lag
from tests.engine import embedded_database


@pytest.fixture
def reader() -> Iterator[Reader]:
    with embedded_database() as database:
        yield Reader(database, load_registry())


class Hanging:
    """A component that does not answer until it is let go: a frozen one gives no error either."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.calls, self._free = answer, 0, threading.Event()

    def __call__(self) -> Any:
        self.calls += 1
        self._free.wait(30)
        return self.answer

    def let_go(self) -> None:
        self._free.set()


def test_a_kafka_that_hangs_is_named_at_once(reader: Reader) -> None:
    kafka = Hanging(0)
    health = Health(reader, kafka)
    for _ in range(3):
        found = health()
        assert (found["status"], found["lag"]) == ("degraded", None)
        assert found["waiting_for"].startswith("Kafka to answer")
        assert found["component"] == "kafka"
    assert kafka.calls == 1
    kafka.let_go()
    assert within_seconds(lambda: health()["status"] == "ok")


def test_a_clickhouse_that_hangs_is_down_only_after_a_while(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = Hanging([])
    monkeypatch.setattr(reader, "sources", tables)
    health = Health(reader, lambda: 0)
    assert health()["status"] == "degraded"
    monkeypatch.setattr("cli.runtime.health._PATIENCE", 0.0)
    found = health()
    assert found["status"] == "down"
    assert found["waiting_for"].startswith("ClickHouse to answer")
    assert found["component"] == "clickhouse"
    tables.let_go()
    assert within_seconds(lambda: health()["status"] == "ok")


def test_a_clickhouse_that_says_no_is_down_at_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise ComponentError("ClickHouse at x does not answer")

    monkeypatch.setattr(reader, "sources", refused)
    assert Health(reader, lambda: 0)()["status"] == "down"


def test_a_transaction_that_stays_open_is_told(reader: Reader) -> None:
    found = Health(reader, lambda: 0, open_transactions=lambda: [OpenTransaction(3, 30.0)])()
    assert (found["status"], found["component"]) == ("ok", None)
    assert found["open_transactions"] == [{"partition": 3, "seconds": 30.0}]


def within_seconds(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_no_answer_is_older_than_its_question() -> None:
    numbers = iter(range(100))
    first = Prompt(lambda: next(numbers), 5.0)
    assert [first() for _ in range(3)] == [0, 1, 2]
    slow = Hanging(7)
    asked = Prompt(slow, 0.05)
    for _ in range(2):
        with pytest.raises(TooSlow):
            asked()
    slow.let_go()
    assert within_seconds(lambda: not slow.calls < 1 and asked() == 7)
    assert slow.calls >= 2


def test_what_a_stranger_committed_is_lag_all_the_same(
    broker: Broker, topic_names: tuple[str, str], reader: Reader
) -> None:
    topic = TopicReader(broker.bootstrap, topic_names[0], topic_names[0])
    with Client(broker.bootstrap, topic.topic) as client:
        client.send("H25", heartbeat())
    ends = topic.ends()
    commit(broker, topic, ends)
    assert within_seconds(lambda: tried(topic.lag) == 0)
    assert read_lag(topic, reader.database) == 1
    assert lag_of_doctor(topic, reader.database).startswith("1 message not yet in the rates")
    assert lag_of_doctor(topic, None).startswith("0 messages not yet committed")
    put_positions(reader.database, topic, ends)
    assert read_lag(topic, reader.database) == 0
    topic.close()


def lag_of_doctor(topic: TopicReader, database: Database | None) -> str:
    """What `emc doctor` finds, with the tables and without."""
    tables = (lambda: database) if database is not None else None
    examined = Kafka(topic.bootstrap, {}, "worker", events=topic.topic, group=topic.group, tables=tables)
    return next(finding.found for finding in examined.examine() if finding.check == "lag")


def tried(lag: Callable[[], int]) -> int | None:
    """None while the broker of a first group has not made up its mind."""
    try:
        return lag()
    except ComponentError:
        return None


def heartbeat() -> dict[str, Any]:
    return {
        "specversion": "1.0", "type": "vn.emc.heartbeat.v1", "id": "1", "source": "/agencies/H25/mcdt",
        "subject": "mcdt", "time": "2024-03-05T08:31:07+07:00", "data": {},
    }  # fmt: skip


def commit(broker: Broker, topic: TopicReader, offsets: dict[int, int]) -> None:
    """As one who is no worker, but uses the workers' group."""
    consumer = KafkaConsumer(
        bootstrap_servers=broker.bootstrap, group_id=topic.group, enable_auto_commit=False
    )
    try:
        places = {
            TopicPartition(topic.topic, n): OffsetAndMetadata(offset, "", -1) for n, offset in offsets.items()
        }
        consumer.assign(list(places))
        consumer.commit(places)
    finally:
        consumer.close()


def put_positions(database: Database, topic: TopicReader, offsets: dict[int, int]) -> None:
    topic_id, number = topic.facts().topic_id, len(offsets)
    columns: dict[str, list[Any]] = {
        "topic_id": [topic_id] * number,
        "partition": list(offsets),
        "next_offset": list(offsets.values()),
        "written_at": [1] * number,
    }
    database.insert("positions", columns)


def test_who_holds_the_partitions_is_said(broker: Broker, topic_names: tuple[str, str]) -> None:
    topic = TopicReader(broker.bootstrap, topic_names[0], topic_names[0])
    assert topic.held_by_others() is None
    stranger = KafkaConsumer(topic.topic, bootstrap_servers=broker.bootstrap, group_id=topic.group)
    try:
        assert within_seconds(lambda: stranger.poll(500) is not None and bool(stranger.assignment()))
        said = topic.held_by_others()
        assert said is not None
        assert said.startswith(
            "another member holds partitions 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 of the group"
        )
    finally:
        stranger.close()
    topic.close()
