"""Lag counts what is decided and not in the rates; an open transaction is told of, not counted."""

import json
from collections.abc import Iterator

import pytest
from kafka import KafkaProducer

from deploy.broker import Broker
from emc.errors import BrokerUnavailable
from emc.identifiers import partition_of
from streams.reading.topic import TopicReader
from streams.supervision.lag import LagReader, OpenTransaction
from tests.engine import embedded_database
from tests.records import RawRecord, encode_batch, produce
from tests.streams.supervision.test_worker import dossier
from tests.waiting import eventually

HOME = partition_of(b"H25", 12)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def topic(broker: Broker, topic_names: tuple[str, str]) -> Iterator[TopicReader]:
    reader = TopicReader(broker.bootstrap, topic_names[0], topic_names[0])
    yield reader
    reader.close()


def put(topic: TopicReader, number: int) -> None:
    record = RawRecord(b"H25", json.dumps(dossier(number)).encode())
    produce(topic.bootstrap, topic.topic, HOME, encode_batch([record]))


def has_coordinator(topic: TopicReader) -> bool:
    """Whether the broker answers for groups: a fresh one makes their topic when it is first asked."""
    try:
        topic.lag()
    except BrokerUnavailable:
        return False
    return True


def test_an_open_transaction_is_no_lag_and_is_told_with_its_age(topic: TopicReader) -> None:
    producer = KafkaProducer(bootstrap_servers=topic.bootstrap, transactional_id=topic.topic)
    producer.init_transactions()
    put(topic, 1)
    clock = Clock()
    eventually(lambda: has_coordinator(topic), 30, "for the group's coordinator")
    with embedded_database() as database:
        lag = LagReader(topic, database, clock)
        producer.begin_transaction()
        producer.send(topic.topic, b"[]", b"H25", partition=HOME).get(20)
        put(topic, 2)
        assert lag() == 1
        clock.seconds += 30
        assert lag() == 1
        assert lag.open_transactions() == [OpenTransaction(HOME, 30.0)]
        producer.commit_transaction()
        # two plain messages, that of the transaction, and its marker, until it is passed
        eventually(lambda: lag() == 4, 20, "for what is decided")
        assert lag.open_transactions() == []
    producer.close(timeout=5)
