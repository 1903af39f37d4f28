"""A history on a real topic: sent through the product's broker, read back for the oracle."""

from collections.abc import Iterable, Iterator
from random import Random

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from tests.histories.generator import AGENCIES
from tests.histories.packing import Message
from tests.oracle import Record, partition_of

LARGEST = 8 << 20
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
    """Every record that the topic holds now, by partition in the order of offsets."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, max_partition_fetch_bytes=LARGEST)
    try:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < end for place, end in ends.items()):
            for found in consumer.poll(timeout_ms=500).values():
                for one in found:
                    yield Record(one.key, one.value, one.headers, one.timestamp, one.partition, one.offset)
    finally:
        consumer.close()
