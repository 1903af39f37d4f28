"""The load of the benchmark: the simulated month, put into a topic as single events or packed by 100."""

from collections.abc import Iterable, Iterator

from kafka import KafkaProducer

from emc.registry import Registry
from producers.simulator import Message, simulate

PACKED = 100
_BATCH = ("content-type", b"application/cloudevents-batch+json")


def month(registry: Registry, scale: float) -> list[Message]:
    """The month's messages: 5 % sent twice, some late or out of order; the same for every run.

    Broken ones are left out: the peer does not validate, and could not end in the same counts.
    """
    return [message for message in simulate(registry, seed=1, scale=scale) if message.refused is None]


def fill(bootstrap: str, topic: str, messages: Iterable[Message], packed: bool) -> int:
    """Puts the messages into the topic and returns the number of events."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=50, batch_size=512 * 1024)
    events = 0
    try:
        for key, value, headers, count in _packed(messages) if packed else _single(messages):
            producer.send(topic, value, key, headers)
            events += count
        producer.flush()
    finally:
        producer.close()
    return events


Record = tuple[bytes | None, bytes | None, list[tuple[str, bytes]], int]


def _single(messages: Iterable[Message]) -> Iterator[Record]:
    for message in messages:
        yield message.key, message.value, list(message.headers), 1


def _packed(messages: Iterable[Message]) -> Iterator[Record]:
    waiting: dict[bytes, list[bytes]] = {}
    for message in messages:
        if not message.packs or message.key is None or message.value is None:
            yield message.key, message.value, list(message.headers), 1
            continue
        pack = waiting.setdefault(message.key, [])
        pack.append(message.value)
        if len(pack) == PACKED:
            yield message.key, b"[" + b",".join(pack) + b"]", [_BATCH], len(pack)
            pack.clear()
    for key, pack in waiting.items():
        if pack:
            yield key, b"[" + b",".join(pack) + b"]", [_BATCH], len(pack)
