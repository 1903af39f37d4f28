"""Reading slices: every record split into events, every event judged, every one accounted for."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from emc.contract import MAX_MESSAGE_BYTES, judge, refused_whole, split_message
from emc.identifiers import partition_of
from emc.registers import encode
from emc.registry import Registry
from emc.verdicts import Accepted, Malformed, Rejected
from streams import versions
from streams.outbox import Letter, rejection_headers
from streams.rows import Row
from streams.topic import TopicFacts

_MS = 1000
_KEPT_BYTES = 16 * 1024 * 1024
_NOWHERE = (0, 0, 0)


class Slice(NamedTuple):
    """What was fetched of one partition at once: aiokafka's records, in the order of their offsets."""

    partition: int
    records: list[Any]


class Gathered:
    """A batch as it was read, by agency, and what of it goes elsewhere."""

    def __init__(self, topic_id: str) -> None:
        self.topic_id = topic_id
        self.events: dict[str, list[Accepted]] = {}
        self.rows: list[Row] = []
        self.places: dict[str, tuple[int, int, int]] = {}
        self.heard: dict[tuple[str, str], list[int]] = {}
        self.rejections: list[Row] = []
        self.letters: list[Letter] = []
        self.next_offsets: dict[int, int] = {}
        self.accepted = self.rejected = self.forwarded = 0
        self.steps: dict[str, float] = {}


class Gatherer:
    """Judges the events of slices. One for each state of the topic: partitions are part of it."""

    def __init__(self, topic: str, facts: TopicFacts, registry: Registry) -> None:
        self.facts = facts
        self._topic, self._registry = topic, registry
        self._partitions: dict[bytes, int] = {}

    def gather(self, slices: Iterable[Slice]) -> Gathered:
        """Every event of the slices, judged by the time at which the broker appended it."""
        found = Gathered(self.facts.topic_id)
        for slice_ in slices:
            for record in slice_.records:
                # what is too large is malformed in any partition
                small = record.value is None or len(record.value) <= MAX_MESSAGE_BYTES
                if small and self._belongs_elsewhere(record.key, slice_.partition):
                    found.letters.append(self._forward(record))
                    found.forwarded += 1
                else:
                    self._read(found, record, slice_.partition)
            found.next_offsets[slice_.partition] = slice_.records[-1].offset + 1
        return found

    def _belongs_elsewhere(self, key: bytes | None, partition: int) -> bool:
        if key is None:
            return False
        right = self._partitions.get(key)
        if right is None:
            is_agency = key.decode("utf-8", "replace") in self._registry
            right = partition_of(key, self.facts.partitions) if is_agency else -1
            if len(self._partitions) < 10_000:
                self._partitions[key] = right
        return right not in (-1, partition)

    def _forward(self, record: Any) -> Letter:
        partition = partition_of(record.key, self.facts.partitions)
        return Letter(self._topic, record.key, record.value, list(record.headers), partition)

    def _read(self, found: Gathered, record: Any, partition: int) -> None:
        key, offset, arrived_ms = record.key, record.offset, record.timestamp
        try:
            events = split_message(record.value, _content_type(record.headers))
        except Malformed as error:
            self._refuse(found, refused_whole(error, key), record, record.value, -1)
            return
        place = (arrived_ms, self.facts.topic_id, partition, offset)
        accepted = found.accepted
        for index, text in enumerate(events):
            event = judge(text, key, arrived_ms * _MS, self._registry)
            if type(event) is Accepted:
                self._keep(found, event, place, index)
            else:
                assert type(event) is Rejected
                self._refuse(found, event, record, bytes(text), index)
        if found.accepted > accepted:
            agency = key.decode()  # of one message all accepted events count for the agency in its key
            newest = max(found.places.get(agency, _NOWHERE)[0], arrived_ms)
            found.places[agency] = (newest, offset, partition)

    def _keep(self, found: Gathered, event: Accepted, place: tuple[int, str, int, int], index: int) -> None:
        agency, source, time = event.agency, event.source, event.time
        found.accepted += 1
        group = found.events.get(agency)
        if group is None:
            group = found.events[agency] = []
        group.append(event)
        heard = found.heard.get((agency, source))
        if heard is None:
            found.heard[agency, source] = [time, place[0]]
        else:
            if time > heard[0]:
                heard[0] = time
            if place[0] > heard[1]:
                heard[1] = place[0]
        if event.kind == "heartbeat":
            return
        fields = event.fields
        if event.kind == "procedure":
            fields = {"valid_from": event.valid_from, **fields}
        data = encode(fields).decode()
        found.rows.append((agency, event.kind, event.subject, time, event.id, source, data, *place, index))

    def _refuse(
        self, found: Gathered, rejected: Rejected, record: Any, value: bytes | None, index: int
    ) -> None:
        partition, offset, arrived_ms = record.partition, record.offset, record.timestamp
        headers = rejection_headers(rejected, self._topic, partition, offset, index, arrived_ms)
        kept = value if value is None else value[:_KEPT_BYTES]
        found.letters.append(Letter(f"{self._topic}.rejected", record.key, kept, headers))
        said = (rejected.reason.value, rejected.path, rejected.detail, rejected.id or "")
        place = (self._topic, partition, offset, index, arrived_ms, versions.at(arrived_ms, offset))
        found.rejections.append((rejected.agency or "", *said, *place))
        found.rejected += 1


def _content_type(headers: Iterable[tuple[str, bytes]]) -> str | None:
    for name, value in headers:
        if name.lower() == "content-type" and value is not None:
            return value.decode("utf-8", "replace")
    return None
