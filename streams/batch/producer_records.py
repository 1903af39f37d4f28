"""What the outbox sends, and how it is put into Kafka's record batches whatever its bytes are."""

import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from emc.identifiers import partition_of

Headers = list[tuple[str, bytes | None]]
_BATCH = 256 * 1024
"""Bytes, before compression, of records that go together: far below what any topic takes."""
_ZSTD = 4
_LONGEST_AGENCY = 64


class Found(NamedTuple):
    """Where a message was found in a wrong partition, and when it had arrived there."""

    partition: int
    offset: int
    arrived_ms: int


class ProducerRecord(NamedTuple):
    """A message to send; `partition` None leaves the choice to the key. `found`: it is sent on from there."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None = None
    found: Found | None = None

    def any_of(self, partitions: int) -> int:
        """A partition for its key, in time that does not grow with every byte in Python."""
        key = self.key or b""
        if len(key) <= _LONGEST_AGENCY:
            return partition_of(key, partitions)
        return zlib.crc32(key) % partitions

    def plain(self) -> "ProducerRecord":
        """With those headers alone that say what the value is."""
        return self._replace(headers=[header for header in self.headers if is_needed(header[0])])


def is_needed(name: str) -> bool:
    """Whether a header is part of the event: its content type, or an attribute in binary mode."""
    lowered = name.lower()
    return lowered == "content-type" or lowered.startswith("ce_")


class _Name(str):
    """A header's name whose bytes need not be UTF-8: as it was decoded, each such byte a lone surrogate."""

    def encode(self, *_: object) -> bytes:
        return str.encode(self, "utf-8", "surrogateescape")


class RecordBatch(BatchBuilder):  # type: ignore[misc]
    """Records that are sent together.

    Made by aiokafka's builder in Python: its compiled one takes no name of a header that is not UTF-8.
    """

    def __init__(self) -> None:
        super().__init__(_BATCH, _ZSTD)
        self._builder: Any = _DefaultRecordBatchBuilderPy(
            2,
            _ZSTD,
            is_transactional=0,
            producer_id=-1,
            producer_epoch=-1,
            base_sequence=0,
            batch_size=_BATCH,
        )
        self.records: list[ProducerRecord] = []

    def takes(self, record: ProducerRecord) -> bool:
        """Adds a record, the first one whatever its size; false when there is no room."""
        headers = [(name if name.isascii() else _Name(name), value) for name, value in record.headers]
        fits = self.append(timestamp=None, key=record.key, value=record.value, headers=headers) is not None
        if fits:
            self.records.append(record)
        return fits


def record_batches(records: Sequence[ProducerRecord]) -> Iterator[RecordBatch]:
    """The records, all for one partition, in their order."""
    batch = RecordBatch()
    for record in records:
        if not batch.takes(record):
            yield batch
            batch = RecordBatch()
            batch.takes(record)
    yield batch
