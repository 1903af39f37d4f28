"""Reading topics back in tests."""

from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition


class Message(NamedTuple):
    """One Kafka message as it lies in the topic."""

    partition: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]


def read_topic(bootstrap: str, topic: str) -> list[Message]:
    """All messages that are in a topic now, in the order of partitions and offsets."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        places = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic))]
        ends = consumer.end_offsets(places)
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        found: dict[TopicPartition, list[Message]] = {place: [] for place in places}
        while any(consumer.position(place) < ends[place] for place in places):
            for place, records in consumer.poll(timeout_ms=200).items():
                found[place] += [
                    Message(place.partition, record.key, record.value, dict(record.headers))
                    for record in records
                ]
        return [message for place in places for message in found[place]]
    finally:
        consumer.close()
