"""A history on a real topic: sent through the product's broker, read back for the oracle."""

import time
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from tests.histories.generator import AGENCIES
from tests.histories.packing import Message
from tests.oracle import Record, partition_of
from tests.records import Header, Refused, read_committed

LARGEST = 8 << 20
_ATTEMPTS = 10
KEYS = {code.encode() for code in AGENCIES}


def send(
    bootstrap: str, topic: str, messages: Iterable[Message], partitions: int, astray: float = 0.0
) -> None:
    """Sends in order; a share of the agencies' messages goes to a partition that is not their key's."""
    random = Random(0)
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5, max_request_size=LARGEST)
    try:
        for key, value, headers in messages:
            partition = partition_of(key, partitions) if key else random.randrange(partitions)
            if key in KEYS and random.random() < astray:
                partition = (partition + 1 + random.randrange(partitions - 1)) % partitions
            producer.send(topic, value=value, key=key, headers=headers, partition=partition)
        producer.flush(60)
    finally:
        producer.close()


def read(bootstrap: str, topic: str, partitions: int) -> Iterator[Record]:
    """Every record that the topic holds now and that is decided, by partition in the order of offsets.

    With no client's reader: none takes headers whose names are no text.
    """
    for partition in range(partitions):
        yield from _read_partition(bootstrap, topic, partition)


def _read_partition(bootstrap: str, topic: str, partition: int) -> list[Record]:
    """Of whichever broker leads it, which may change."""
    for patience in range(_ATTEMPTS, 0, -1):
        try:
            leader, first = leader_of(bootstrap, topic, partition)
            return [
                Record(one.key, one.value, _as_text(one.headers), appended, partition, one.offset)
                for one, appended in read_committed(leader, topic, partition, first)
            ]
        except (Refused, KafkaError, OSError):
            if patience == 1:
                raise
            time.sleep(1)
    raise AssertionError("not reached")


def leader_of(bootstrap: str, topic: str, partition: int) -> tuple[str, int]:
    """Address of the broker that leads a partition, and the first offset that it holds."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    try:
        place = TopicPartition(topic, partition)
        first = admin.list_partition_offsets({place: OffsetSpec.EARLIEST})[place].offset
        found = {each["partition_index"]: each for each in admin.describe_topics([topic])[0]["partitions"]}
        brokers = {each["broker_id"]: each for each in admin.describe_cluster()["brokers"]}
        broker = brokers[found[partition]["leader_id"]]
        return f"{broker['host']}:{broker['port']}", first
    finally:
        admin.close()


def _as_text(headers: Sequence[Header]) -> list[tuple[str, bytes | None]]:
    return [(name.decode(errors="replace"), value) for name, value in headers]
