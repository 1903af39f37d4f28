"""What was fetched of a partition, record by record: nothing that a sender wrote may end the reading of it.

aiokafka's compiled parser reads while it can; where it fails, or a record could be many times its size in
memory, our own does. What neither can read is fetched once more, for the fault may have been on the way. When
it fails again it is stepped over: an Unreadable stands for it, so that it is refused, and what is behind it
is read.
"""

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from types import FunctionType, MethodType
from typing import Any, NamedTuple

from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords

from emc.instants import LATEST
from streams.reading.batches import Batch, Batches, Unfit
from streams.reading.unpacking import longest, told, unpacked

_log = logging.getLogger("emc.reading")
_AT_ONCE = 8 * 1024 * 1024
"""Bytes of what one fetch hands over of a partition; what is more is fetched again from there on."""
_SMALL = 1024 * 1024
"""Bytes of a record that may be read at once: its headers may take thirty times as much in memory."""
_FEW, _FEW_BYTES = 16, 1024
_HEADER = 64
_LATEST_MS = LATEST // 1000


class Record(NamedTuple):
    """A message as it was fetched.

    `timestamp`: its arrival, in ms since 1970; `beside`: about the bytes in memory of key and headers.
    """

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    beside: int


class Unreadable(Record):
    """Stands for a message that could not be read: only its place is known."""

    __slots__ = ()


class Stumbles:
    """Where reading failed, by partition: a place at which it fails twice is stepped over."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}

    def is_proven(self, partition: int, offset: int) -> bool:
        """Whether it failed there the last time too."""
        before = self._last.get(partition)
        self._last[partition] = offset
        return before == offset


class _Again(Exception):
    """What follows is to be fetched anew."""


class Records(PartitionRecords):  # type: ignore[misc]
    """The records of one partition in one answer, in the place of aiokafka's."""

    next_fetch_offset: int

    def __init__(self, *given: Any, stumbles: Stumbles) -> None:
        super().__init__(*given)
        self._stumbles, self._size = stumbles, 0

    def _unpack_records(self) -> Iterator[Record]:
        try:
            while self._records.has_next():
                batch: Batch = self._records.next_batch()
                if not self._is_passed_over(batch):
                    yield from self._read(batch)
                self.next_fetch_offset = max(self.next_fetch_offset, batch.next_offset)
        except _Again:
            return

    def _is_passed_over(self, batch: Batch) -> bool:
        """Markers are no messages, and what a transaction held that was aborted neither."""
        if self._isolation_level == READ_COMMITTED and batch.producer_id >= 0:
            self._consume_aborted_up_to(batch.base_offset)
            if batch.is_control:
                self._aborted_producers.discard(batch.producer_id)
            elif batch.is_transactional and batch.producer_id in self._aborted_producers:
                return True
        return batch.is_control

    def _read(self, batch: Batch) -> Iterator[Record]:
        try:
            if self._check_crcs and not batch.is_whole():
                raise Unfit("checksum")
            content = batch.content()
        except Exception as error:  # the libraries of the codecs raise of every kind
            self._stumble(batch, error)
            for offset in told(range(self.next_fetch_offset, batch.next_offset)):
                yield self._stand_in(batch, offset)
            return
        if len(content) <= _SMALL or longest(content) <= _SMALL:
            try:
                yield from self._compiled(batch, content)
                return
            except _Again:
                raise
            except Exception:  # a header's name that is not UTF-8, for one; what was read is read
                _log.debug(
                    "read one by one", extra={"partition": self._tp.partition, "offset": batch.base_offset}
                )
        yield from self._one_by_one(batch, content)

    def _compiled(self, batch: Batch, content: bytes | memoryview) -> Iterator[Record]:
        partition, each, size = self._tp.partition, _share(batch, content), self._size
        arrived = _arrival(batch.max_timestamp) if batch.has_append_time else None
        for record in batch.compiled(content):
            offset, headers = record.offset, record.headers
            if offset < self.next_fetch_offset:
                continue  # fetched before: an answer begins with the whole batch
            timestamp = _arrival(record.timestamp) if arrived is None else arrived
            value, size = record.value, size + each
            beside = 0 if each < _FEW_BYTES else max(each - len(value or b""), 0)
            if len(headers) > _FEW:
                beside = each + _HEADER * len(headers)
                size += beside
            self.next_fetch_offset = offset + 1
            yield Record(partition, offset, timestamp, record.key, value, headers, beside)
            if size >= _AT_ONCE:
                raise _Again
        self._size = size

    def _one_by_one(self, batch: Batch, content: bytes | memoryview) -> Iterator[Record]:
        """Each record that can be read; whatever goes wrong, the one at which it does is stepped over."""
        while self.next_fetch_offset < batch.next_offset:
            try:
                yield from self._unpacked(batch, content)
                return
            except _Again:
                raise
            except Exception as error:
                self._stumble(batch, error)
                yield self._stand_in(batch, self.next_fetch_offset)

    def _unpacked(self, batch: Batch, content: bytes | memoryview) -> Iterator[Record]:
        each = _share(batch, content)
        for found in unpacked(content, batch.count, batch.next_offset - batch.base_offset):
            offset = batch.base_offset + (found if isinstance(found, int) else found.offset_delta)
            if offset < self.next_fetch_offset:
                continue
            if isinstance(found, int):
                self._stumble(batch, Unfit("record"))
                yield self._stand_in(batch, offset)
                continue
            time = batch.max_timestamp if batch.has_append_time else batch.first_timestamp + found.time
            beside = max(each - len(found.value or b""), 0) + _HEADER * len(found.headers)
            self.next_fetch_offset = offset + 1
            held = (found.key, found.value, found.headers)
            yield Record(self._tp.partition, offset, _arrival(time), *held, beside)
            self._count(each + _HEADER * len(found.headers))

    def _count(self, size: int) -> None:
        self._size += size
        if self._size >= _AT_ONCE:
            raise _Again

    def _stumble(self, batch: Batch, error: Exception) -> None:
        """Fetches anew, the first time: the fault may have been on the way."""
        if not self._stumbles.is_proven(self._tp.partition, batch.base_offset):
            raise _Again
        told_ = {
            "partition": self._tp.partition,
            "offset": self.next_fetch_offset,
            "reason": type(error).__name__,
        }
        _log.warning("a message that cannot be read is stepped over", extra=told_)

    def _stand_in(self, batch: Batch, offset: int) -> Unreadable:
        self.next_fetch_offset = offset + 1
        return Unreadable(self._tp.partition, offset, _arrival(batch.max_timestamp), None, None, (), 0)


def _share(batch: Batch, content: bytes | memoryview) -> int:
    """Bytes that a record has on the average."""
    share: int = len(content) // max(batch.count, 1)
    return share


def _arrival(timestamp: int) -> int:
    """Any time could stand where the broker did not set it; what follows needs one of this century."""
    return min(max(timestamp, 0), _LATEST_MS)


def read_tolerantly(fetcher: Any) -> None:
    """Makes a fetcher of aiokafka read so: its own step for answers, with these readers for theirs."""
    step = type(fetcher)._proc_fetch_request
    readers = {"MemoryRecords": Batches, "PartitionRecords": partial(Records, stumbles=Stumbles())}
    tolerant = FunctionType(step.__code__, step.__globals__ | readers, step.__name__)
    fetcher._proc_fetch_request = MethodType(tolerant, fetcher)
