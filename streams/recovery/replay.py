"""Refused events read back from their topic, and sent again once they would be accepted.

The topic of rejected events is the only place that holds their bytes. Sending an event again is harmless
however often it happens: the fold keeps the last writer's value, so a replayed event counts once.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from emc.binary_mode import MARK, attributes, structured
from emc.contract import judge, split_message
from emc.errors import BrokerUnavailable
from emc.identifiers import partition_of
from emc.registry import Registry
from emc.verdicts import Malformed, Rejected
from streams.batch.producer_records import Headers, ProducerRecord

_LARGEST = 17 * 1024 * 1024
_AT_ONCE = 500
_SINGLE: Headers = [("content-type", b"application/cloudevents+json")]


class Place(msgspec.Struct, frozen=True):
    """Where a refused event stood: partition and offset of its message, its place in it (-1: the message)."""

    partition: int
    offset: int
    index: int = 0


class Refused(NamedTuple):
    """A refused event with its bytes, as the topic of rejected events holds it."""

    place: Place
    key: bytes | None
    value: bytes | None
    reason: str
    path: str
    detail: str
    arrived_at: str


class Replayed(msgspec.Struct):
    """What became of refused events: sent again, or still refused, by reason."""

    sent: int = 0
    refused: Counter[str] = msgspec.field(default_factory=Counter)


def read_refused(
    bootstrap: str, topic: str = "emc.events", since_ms: int | None = None, **security: Any
) -> Iterator[Refused]:
    """What was refused of a topic, each place once, of what the rejected topic holds now.

    `since_ms`: only what was refused from that moment on (ms since 1970). BrokerUnavailable when Kafka
    does not answer or there is no such topic.
    """
    seen: set[Place] = set()
    try:
        for record in _records(bootstrap, f"{topic}.rejected", since_ms, security):
            refused = _refused(record)
            if refused is not None and refused.place not in seen:
                seen.add(refused.place)
                yield refused
    except (KafkaError, OSError) as error:
        text = f"Kafka at {bootstrap} does not give the rejected events ({type(error).__name__})"
        raise BrokerUnavailable(text) from None


def _records(bootstrap: str, topic: str, since_ms: int | None, security: dict[str, Any]) -> Iterator[Any]:
    """Every record between the moment and the present end."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        max_partition_fetch_bytes=_LARGEST,
        fetch_max_bytes=2 * _LARGEST,
        enable_auto_commit=False,
        **security,
    )
    try:
        partitions = consumer.partitions_for_topic(topic)
        if not partitions:
            raise BrokerUnavailable(f"Kafka at {bootstrap} has no topic {topic}: create it with `emc topics`")
        assigned = [TopicPartition(topic, number) for number in sorted(partitions)]
        consumer.assign(assigned)
        ends = consumer.end_offsets(assigned)
        _seek(consumer, assigned, ends, since_ms)
        while any(consumer.position(each) < end for each, end in ends.items()):
            for found in consumer.poll(timeout_ms=500).values():
                yield from found
    finally:
        with contextlib.suppress(KafkaError):
            consumer.close()


def _seek(consumer: Any, partitions: list[Any], ends: dict[Any, int], since_ms: int | None) -> None:
    if since_ms is None:
        consumer.seek_to_beginning(*partitions)
        return
    found = consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
    for partition in partitions:
        at = found.get(partition)
        consumer.seek(partition, at.offset if at is not None else ends[partition])


def _refused(record: Any) -> Refused | None:
    """None for what is no record of ours; an event in binary mode is put into the structured one."""
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers if value is not None}
    event = record.value
    if MARK in headers:
        with contextlib.suppress(Malformed):
            event = structured(attributes(record.headers).texts, record.value)
    try:
        place = Place(*(int(headers[name]) for name in ("partition", "offset", "index")))
        texts = [headers[name] for name in ("reason", "path", "detail", "arrived_at")]
    except (KeyError, ValueError):
        return None
    return Refused(place, record.key, event, *texts)


def still_refused(refused: Refused, registry: Registry, now_us: int) -> Rejected | None:
    """Why the event would be refused again if it arrived now; None: it would be accepted.

    A whole message is worth sending again as soon as it holds events: bad ones are then refused alone.
    """
    if refused.place.index < 0:
        try:
            events: Sequence[Any] = split_message(refused.value, None)
        except Malformed as error:
            return _malformed(str(error), refused.reason)
        verdicts = [judge(event, refused.key, now_us, registry) for event in events]
        rejected = [verdict for verdict in verdicts if isinstance(verdict, Rejected)]
        return rejected[0] if rejected and len(rejected) == len(verdicts) else None
    verdict = judge(refused.value or b"", refused.key, now_us, registry)
    return verdict if isinstance(verdict, Rejected) else None


def _malformed(detail: str, reason: str) -> Rejected:
    return msgspec.convert({"reason": reason, "path": "$", "detail": detail}, Rejected)


def replay(
    refused: Iterable[Refused],
    registry: Registry,
    now_us: int,
    send: Callable[[Sequence[ProducerRecord]], object],
    partitions: int,
    topic: str = "emc.events",
) -> Replayed:
    """Sends those again that would be accepted now; `send` returns once the broker has them."""
    found, outgoing = Replayed(), list[ProducerRecord]()
    for each in refused:
        rejected = still_refused(each, registry, now_us)
        if rejected is not None:
            found.refused[rejected.reason.value] += 1
            continue
        headers = _SINGLE if each.place.index >= 0 else []
        partition = partition_of(each.key, partitions) if each.key is not None else None
        outgoing.append(ProducerRecord(topic, each.key, each.value, list(headers), partition))
        if len(outgoing) == _AT_ONCE:
            send(outgoing)
            found.sent, outgoing = found.sent + len(outgoing), []
    send(outgoing)
    found.sent += len(outgoing)
    return found


def corrected(refused: Refused, value: bytes, key: bytes | None) -> list[Refused]:
    """The events of a corrected file in the place of a refused one; Malformed when it holds none.

    `key`: the agency, where the refused message had none or a wrong one.
    """
    events = split_message(value, None)
    return [
        refused._replace(
            place=msgspec.structs.replace(refused.place, index=0), value=bytes(event), key=key or refused.key
        )
        for event in events
    ]
