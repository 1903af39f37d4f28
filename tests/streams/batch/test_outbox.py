"""What the stream sends: anything that can be read can be sent, and what cannot be is handed back."""

import uuid
from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from deploy.broker import Broker
from emc.errors import ComponentError
from streams.batch.outbox import Outbox
from streams.batch.producer_records import Found, Headers, ProducerRecord
from tests.cli.processes import wait_until
from tests.records import RawRecord, Refused, read_raw

HERE = Found(0, 7, 1_717_200_000_000)
MIB = 1 << 20


@pytest.fixture
def outbox(broker: Broker) -> Iterator[Outbox]:
    made = Outbox(broker.bootstrap)
    yield made
    made.close()


@pytest.fixture
def topic(broker: Broker) -> str:
    """A topic of two partitions that takes 200 kB at once."""
    name = f"small-{uuid.uuid4().hex[:10]}"
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        admin.create_topics([NewTopic(name, 2, 1, topic_configs={"max.message.bytes": "200000"})])
    # on a busy machine a broker that has made a topic may not lead all of its partitions yet
    wait_until(lambda: all(_is_led(broker, name, number) for number in range(2)))
    return name


def _is_led(broker: Broker, topic: str, partition: int) -> bool:
    try:
        return not list(read_raw(broker.bootstrap, topic, partition))
    except Refused:
        return False


def sent(broker: Broker, outbox: Outbox, records: list[ProducerRecord]) -> list[RawRecord]:
    """What the broker holds of them once it has taken them all."""
    assert outbox.deliver(records) == []
    return [record for number in range(2) for record in read_raw(broker.bootstrap, records[0].topic, number)]


def test_null_and_strange_headers_arrive_as_they_were(broker: Broker, outbox: Outbox, topic: str) -> None:
    headers: Headers = [
        ("x-trace", None),
        ("", b""),
        (b"x-m\xe3-vi\xd6c".decode("utf-8", "surrogateescape"), b"\x00\xff"),
        ("tiếng Việt", b"1"),
        *[("again", bytes([n])) for n in range(200)],
    ]
    (found,) = sent(broker, outbox, [ProducerRecord(topic, b"H25", b"{}", headers, 1, HERE)])
    assert (found.key, found.value) == (b"H25", b"{}")
    assert found.headers == [(name.encode("utf-8", "surrogateescape"), value) for name, value in headers]


def test_neither_key_nor_value_is_needed(broker: Broker, outbox: Outbox, topic: str) -> None:
    """As a tombstone without a key is refused: there is nothing to keep but its place."""
    (found,) = sent(broker, outbox, [ProducerRecord(topic, None, None, [("reason", b"malformed")])])
    assert (found.key, found.value) == (None, None)


def test_any_key_finds_a_partition(broker: Broker, outbox: Outbox, topic: str) -> None:
    keys = [b"", b"\xff", b"k" * 10_000, b"x" * 150_000]
    found = sent(broker, outbox, [ProducerRecord(topic, key, b"{}", []) for key in keys])
    assert sorted(record.key or b"" for record in found) == sorted(keys)


def test_headers_too_large_for_the_topic_stay_behind(broker: Broker, outbox: Outbox, topic: str) -> None:
    large = uuid.uuid4().bytes * 20_000
    noise = bytes((n * n >> 3) & 0xFF for n in range(400_000))
    single = ("content-type", b"application/cloudevents+json")
    record = ProducerRecord(
        topic, b"H25", b"{}", [("x", large), ("y", noise), single, ("ce_id", b"1")], 0, HERE
    )
    (found,) = sent(broker, outbox, [record])
    assert [name for name, _ in found.headers] in (
        [b"content-type", b"ce_id"],
        [b"x", b"y", b"content-type", b"ce_id"],
    )


def test_what_a_topic_takes_in_no_form_is_handed_back(outbox: Outbox, topic: str) -> None:
    noise = b"".join(uuid.uuid4().bytes for _ in range(20_000))
    records = [ProducerRecord(topic, b"H25", value, [], 0, HERE) for value in (b"{}", noise, b"[]")]
    assert outbox.deliver(records) == [records[1]]


def test_a_rejected_topic_that_takes_too_little_is_named(outbox: Outbox, topic: str) -> None:
    noise = b"".join(uuid.uuid4().bytes for _ in range(20_000))
    with pytest.raises(
        ComponentError, match=rf"topic {topic} does not take .* its max\.message\.bytes to 17825792"
    ):
        outbox.deliver([ProducerRecord(topic, b"H25", noise, [])])


def test_a_broker_that_is_away_is_named(topic: str) -> None:
    away = Outbox("127.0.0.1:1")
    with pytest.raises(ComponentError, match=r"Kafka at 127\.0\.0\.1:1 does not take messages"):
        away.deliver([ProducerRecord(topic, b"H25", b"{}", [])])
    away.close()
