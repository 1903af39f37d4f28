"""The topics as the contract asks for them, on a real broker."""

import uuid

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import MessageSizeTooLargeError

from deploy.broker import Broker
from deploy.topics import DAY_MS, MIB, ensure_topics
from emc.errors import ComponentError


def new_name() -> str:
    return f"test-{uuid.uuid4().hex[:12]}.events"


def test_topics_are_made_as_the_contract_says(broker: Broker) -> None:
    name = new_name()
    events, rejected = ensure_topics(broker.bootstrap, events=name)
    assert (events.name, rejected.name) == (name, name + ".rejected")
    assert events.partitions == rejected.partitions == 12
    assert events.config["cleanup.policy"] == rejected.config["cleanup.policy"] == "delete"
    assert events.config["message.timestamp.type"] == "LogAppendTime"
    assert events.config["retention.ms"] == events.config["retention.bytes"] == "-1"
    assert rejected.config["retention.ms"] == str(90 * DAY_MS)
    assert events.created
    assert events.id == str(uuid.UUID(events.id))
    assert events.differences == rejected.differences == ()


def test_a_second_time_changes_nothing_and_finds_the_same_topics(broker: Broker) -> None:
    name = new_name()
    first = ensure_topics(broker.bootstrap, partitions=3, events=name)
    second = ensure_topics(broker.bootstrap, partitions=3, events=name)
    assert [topic.id for topic in second] == [topic.id for topic in first]
    assert not any(topic.created for topic in second)
    assert not any(topic.differences for topic in second)


def test_departures_are_told_and_left_as_they_are(broker: Broker) -> None:
    name = new_name()
    ensure_topics(broker.bootstrap, partitions=2, events=name, events_retention_days=7)
    events, rejected = ensure_topics(broker.bootstrap, partitions=4, rejected_retention_days=30, events=name)
    assert events.partitions == 2
    assert events.differences == (
        f"{name}: partitions is 2, not 4",
        f"{name}: retention.ms is {7 * DAY_MS}, not -1",
    )
    assert f"{name}.rejected: retention.ms is {90 * DAY_MS}, not {30 * DAY_MS}" in rejected.differences


def send(broker: Broker, topic: str, size: int) -> None:
    with KafkaProducer(bootstrap_servers=broker.bootstrap, max_request_size=64 * MIB) as producer:
        producer.send(topic, key=b"H25", value=b"x" * size).get(30)


def test_values_over_a_mebibyte_reach_us_to_be_rejected_and_kept(
    broker: Broker, topic_names: tuple[str, str]
) -> None:
    events, rejected = topic_names
    send(broker, events, 7 * MIB)
    send(broker, rejected, 16 * MIB)
    with pytest.raises(MessageSizeTooLargeError):
        send(broker, events, 9 * MIB)


def test_a_large_message_is_read_with_the_readers_own_defaults(
    broker: Broker, topic_names: tuple[str, str]
) -> None:
    rejected = topic_names[1]
    send(broker, rejected, 16 * MIB)
    with KafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(rejected, p) for p in consumer.partitions_for_topic(rejected)])
        assert len(next(consumer).value) == 16 * MIB


def test_arrival_is_the_brokers_time(broker: Broker, topic_names: tuple[str, str]) -> None:
    with KafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
        sent = producer.send(topic_names[0], b"{}", key=b"H25", timestamp_ms=1).get(30)
    assert sent.timestamp > 1


def test_no_kafka_is_one_sentence() -> None:
    with pytest.raises(ComponentError, match=r"^Kafka at 127\.0\.0\.1:1 does not answer as it should"):
        ensure_topics("127.0.0.1:1", client={"bootstrap_timeout_ms": 500})


def test_more_copies_than_brokers_is_refused_with_kafkas_reason(broker: Broker) -> None:
    with pytest.raises(ComponentError, match="replication factor"):
        ensure_topics(broker.bootstrap, replication=3, events=new_name())
