"""Reading slices: every record split into events, every event judged, every one accounted for."""

from collections.abc import Iterable, Sequence
from typing import Any

from emc.binary_mode import MARK, PREFIX, is_structured
from emc.contract import MAX_MESSAGE_BYTES, refused_whole
from emc.identifiers import partition_of
from emc.registers import encode
from emc.registry import Registry
from emc.verdicts import Accepted, Malformed, Rejected
from streams.batch import versions
from streams.batch.erased import Erased
from streams.batch.guard import judge, judge_binary, split_message
from streams.batch.outbox import rejection_headers
from streams.batch.producer_records import Found, Headers, ProducerRecord
from streams.batch.rows import Row
from streams.batch.steps import StepClock
from streams.reading.lease import Lease
from streams.reading.records import Unreadable
from streams.reading.slices import Slice
from streams.reading.topic import TopicFacts

_MS = 1000
_KEPT_BYTES = 16 * 1024 * 1024
_KEPT_KEY = 512 * 1024
_KEPT_ATTRIBUTES = 64 * 1024
_UNREADABLE = Malformed("expected a message that can be read")
_ANY = -1
"""For the partition of messages that belong in none in particular."""


class AgencyEvents:
    """What a batch holds of one agency: its events, where the newest lies, and which sources spoke when."""

    def __init__(self) -> None:
        self.events: list[Accepted] = []
        self.arrived_ms = self.offset = self.partition = 0
        self.heard: dict[str, tuple[int, int]] = {}
        """By source: the greatest time (µs) of its events and their greatest arrival (ms)."""

    def reaches(self, arrived_ms: int, offset: int, partition: int) -> None:
        """A message of this place, the last one until now, held events of the agency."""
        self.arrived_ms, self.offset, self.partition = max(self.arrived_ms, arrived_ms), offset, partition

    def hear(self, source: str, time: int, arrived_ms: int) -> None:
        """A source said something."""
        held = self.heard.get(source, (0, 0))
        if time > held[0] or arrived_ms > held[1]:
            self.heard[source] = (max(held[0], time), max(held[1], arrived_ms))


class Gathered:
    """A batch as it was read, by agency, and what of it goes elsewhere."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.by_agency: dict[str, AgencyEvents] = {}
        self.rows: list[Row] = []
        self.rejections: list[Row] = []
        self.outgoing: list[ProducerRecord] = []
        self.next_offsets: dict[int, int] = {}
        self.rejected = self.forwarded = self.erased = 0
        self.steps: dict[str, float] = {}

    @property
    def accepted(self) -> int:
        """How many events count."""
        return sum(len(group.events) for group in self.by_agency.values())


class Gatherer:
    """Judges the events of slices."""

    def __init__(self, topic: str, registry: Registry, erased: Erased | None = None) -> None:
        self._topic, self._registry, self._erased = topic, registry, erased or Erased()
        self._facts = TopicFacts("", 0)
        self._partitions: dict[bytes, int] = {}

    def gather(self, slices: Sequence[Slice]) -> Gathered:
        """Every event of the slices, at least one and all of one lease, judged by the time at which the
        broker appended it.
        """
        clock, found = StepClock(), Gathered(slices[0].lease)
        if found.lease.facts != self._facts:
            self._facts, self._partitions = found.lease.facts, {}
        right_of = self._partitions
        for slice_ in slices:
            partition = slice_.partition
            for record in slice_.records:
                key = record.key
                right = right_of[key] if key in right_of else self._partition_of(key)
                # what is too large is malformed in any partition
                if right not in (partition, _ANY) and len(record.value or b"") <= MAX_MESSAGE_BYTES:
                    found.outgoing.append(self._forward(record))
                    found.forwarded += 1
                else:
                    self._read(found, record, partition)
            found.next_offsets[partition] = slice_.next_offset
        clock.mark("judge")
        found.steps = clock.seconds
        return found

    def _partition_of(self, key: bytes | None) -> int:
        """Where messages with this key belong; any partition will do when the key names no agency."""
        if key is None or key.decode("utf-8", "replace") not in self._registry:
            return _ANY
        right = self._partitions[key] = partition_of(key, self._facts.partitions)
        return right

    def _forward(self, record: Any) -> ProducerRecord:
        partition = partition_of(record.key, self._facts.partitions)
        found = Found(record.partition, record.offset, record.timestamp)
        return ProducerRecord(self._topic, record.key, record.value, list(record.headers), partition, found)

    def _read(self, found: Gathered, record: Any, partition: int) -> None:
        key, offset, arrived_ms = record.key, record.offset, record.timestamp
        topic_id, arrived, registry = self._facts.topic_id, arrived_ms * _MS, self._registry
        content_type, is_binary = _mode(record.headers)
        group = None
        try:
            events = [record.value] if is_binary else split_message(record.value, content_type)
            alone = judge_binary(record.headers, record.value, key, arrived, registry) if is_binary else None
        except Malformed as error:
            # no name for it that outlives this block: its frames would refer to it, a cycle for each message
            rejected = refused_whole(_UNREADABLE if type(record) is Unreadable else error, key)
            self._refuse(found, rejected, record, record.value, -1)
            return
        for index, text in enumerate(events):
            event = judge(text, key, arrived, registry) if alone is None else alone
            if self._erased.holds(event.subject):  # neither counted nor kept among the refused
                found.erased += 1
                continue
            if type(event) is Rejected:
                self._refuse(found, event, record, bytes(text), index)
                continue
            assert type(event) is Accepted
            if group is None:  # of one message all accepted events count for the agency in its key
                group = found.by_agency.get(event.agency)
                if group is None:
                    group = found.by_agency[event.agency] = AgencyEvents()
                group.reaches(arrived_ms, offset, partition)
            group.events.append(event)
            group.hear(event.source, event.time, arrived_ms)
            if event.kind != "heartbeat":
                place = (arrived_ms, topic_id, partition, offset, index)
                said = (event.agency, event.kind, event.subject, event.time, event.id, event.source)
                found.rows.append((*said, _data(event), *place))

    def _refuse(
        self, found: Gathered, rejected: Rejected, record: Any, value: bytes | None, index: int
    ) -> None:
        place = Found(record.partition, record.offset, record.timestamp)
        outgoing, row = _refusal(rejected, self._topic, place, index, record.key, value)
        outgoing.headers.extend(_attributes_to_keep(record.headers))
        found.outgoing.append(outgoing)
        found.rejections.append(row)
        found.rejected += 1


def refused_on_its_way(outgoing: ProducerRecord) -> tuple[ProducerRecord, Row]:
    """For a message that its own partition does not take: the record for the rejected ones, and the row."""
    assert outgoing.found is not None
    error = Malformed(
        "expected a message that its partition takes: fewer bytes than the topic's max.message.bytes"
    )
    refused = refused_whole(error, outgoing.key)
    return _refusal(refused, outgoing.topic, outgoing.found, -1, outgoing.key, outgoing.value)


def _refusal(
    rejected: Rejected, topic: str, place: Found, index: int, key: bytes | None, value: bytes | None
) -> tuple[ProducerRecord, Row]:
    headers = rejection_headers(rejected, topic, place.partition, place.offset, index, place.arrived_ms)
    kept_key = key if key is None else key[:_KEPT_KEY]
    kept = value if value is None else value[:_KEPT_BYTES]
    said = (rejected.reason.value, rejected.path, rejected.detail, rejected.id or "")
    about = (rejected.subject, rejected.source)
    at = (topic, place.partition, place.offset, index, place.arrived_ms)
    row = (rejected.agency or "", *said, *about, *at, versions.at(place.arrived_ms, place.offset))
    return ProducerRecord(f"{topic}.rejected", kept_key, kept, headers), row


def _data(event: Accepted) -> str:
    fields = event.fields
    if event.kind == "procedure":
        fields = {"valid_from": event.valid_from, **fields}
    data: str = encode(fields).decode()
    return data


def _mode(headers: Iterable[tuple[str, bytes | None]]) -> tuple[str | None, bool]:
    """The content type, and whether the message is in binary mode."""
    content_type, is_marked = None, False
    for name, value in headers:
        if name == MARK:
            is_marked = True
        elif content_type is None and value is not None and name.lower() == "content-type":
            content_type = value.decode("utf-8", "replace")
    return content_type, is_marked and not is_structured(content_type)


def _attributes_to_keep(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    """What of the headers is part of the event: in binary mode its attributes, without which it is none."""
    if not headers or not _mode(headers)[1]:
        return []
    kept: Headers = [
        (name, value)
        for name, value in headers
        if value is not None and name.startswith(PREFIX) and name.isascii()  # others are no attributes
    ]
    return kept if sum(len(name) + len(value or b"") for name, value in kept) <= _KEPT_ATTRIBUTES else []
