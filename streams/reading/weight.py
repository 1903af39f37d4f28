"""What a worker may hold of the topic at once: every bound, and what they add up to.

A record is bounded by its *weight*, the bytes that it becomes: aiokafka's object, the events in it as
registers and rows, the rows as columns and as blocks for ClickHouse. Bytes on the wire say little about that:
a message of 2 KB may hold a thousand events that are refused one by one, each with headers and a row.

    aiokafka      a fetched part of each partition, as it came, and one batch of records unpacked
    Faust         slices of one poll, one in the queue of the agent, one on its way to the inbox
    inbox         a batch that waits, as records
    judged        a batch, its events judged beside the one that is written
    written       a batch, its rows and the blocks made of them

`held_at_most` is the sum. The weights were measured with tracemalloc over the simulated month and over
refused messages of every size; `tests/streams/reading/test_weight.py` measures them again.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

MIB = 1024 * 1024
FETCH = 1 * MIB
"""Bytes fetched of a partition at once, compressed as they came; a larger batch of records comes alone."""
POLL = 8 * MIB
"""Of one poll, by size."""
POLL_RECORDS = 20_000
QUEUE = 1
"""Slices in the queue of Faust's agent; each is of one poll at most."""
LARGEST_BATCH = 192 * MIB
"""Of a batch, by weight: some 50 000 events, two seconds of work."""
LARGEST_BESIDE_ENGINE = 48 * MIB
"""Likewise where ClickHouse's engine takes its memory in the same process, for blocks and merges."""

_UNPACKED = 16 * MIB
_RECORD = 700
_EVENT = 1_200
_OBJECT = 700
_BYTE = 3
# How much of its weight a batch takes before it is whole: as records, and judged beside its records.
_WAITING, _JUDGED = 0.4, 0.7
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


def size_of(record: Any) -> int:
    """Bytes of a record as aiokafka hands it over."""
    return _RECORD + len(record.value or b"") + _beside(record)


def weight_of(records: Iterable[Any]) -> int:
    """Bytes that records become once they are judged, folded and written."""
    return sum(_weight(record.value or b"") + _beside(record) for record in records)


def _beside(record: Any) -> int:
    """Bytes of key and headers where they are more than a code and a content type."""
    beside: int = getattr(record, "beside", 0)
    return beside if beside > _RECORD else 0


def _weight(value: bytes) -> int:
    events = _events_in(value)
    return _RECORD + _BYTE * len(value) + _OBJECT * value.count(b"{") + _EVENT * events


def _events_in(value: bytes) -> int:
    """How many events the message can become; what is no list of JSON is refused as one."""
    if value.lstrip()[:1] != b"[":
        return 1
    try:
        return max(1, len(_elements(value)))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return 1


def held_at_most(partitions: int) -> int:
    """Bytes that a worker of so many partitions holds of the topic, all buffers full."""
    fetched = partitions * FETCH + _UNPACKED
    in_faust = (2 + QUEUE) * POLL
    return fetched + in_faust + round((_WAITING + _JUDGED + 1) * LARGEST_BATCH)
