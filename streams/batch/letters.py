"""What the outbox sends, and how it is put into Kafka's record batches whatever its bytes are."""

import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from emc.identifiers import partition_of

Headers = list[tuple[str, bytes | None]]
_PARCEL = 256 * 1024
"""Bytes, before compression, of letters that go together: far below what any topic takes."""
_ZSTD = 4
_LONGEST_AGENCY = 64


class Found(NamedTuple):
    """Where a message was found in a wrong partition, and when it had arrived there."""

    partition: int
    offset: int
    arrived_ms: int


class Letter(NamedTuple):
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

    def plain(self) -> "Letter":
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


class Parcel(BatchBuilder):  # type: ignore[misc]
    """A record batch of letters.

    Made by aiokafka's builder in Python: its compiled one takes no name of a header that is not UTF-8.
    """

    def __init__(self) -> None:
        super().__init__(_PARCEL, _ZSTD)
        self._builder: Any = _DefaultRecordBatchBuilderPy(
            2,
            _ZSTD,
            is_transactional=0,
            producer_id=-1,
            producer_epoch=-1,
            base_sequence=0,
            batch_size=_PARCEL,
        )
        self.letters: list[Letter] = []

    def takes(self, letter: Letter) -> bool:
        """Adds a letter, the first one whatever its size; false when there is no room."""
        headers = [(name if name.isascii() else _Name(name), value) for name, value in letter.headers]
        fits = self.append(timestamp=None, key=letter.key, value=letter.value, headers=headers) is not None
        if fits:
            self.letters.append(letter)
        return fits


def parcels(letters: Sequence[Letter]) -> Iterator[Parcel]:
    """The letters, all for one partition, in their order."""
    parcel = Parcel()
    for letter in letters:
        if not parcel.takes(letter):
            yield parcel
            parcel = Parcel()
            parcel.takes(letter)
    yield parcel
