"""Kafka's record batches as they come from the broker: where each begins and ends, and what is in it.

Decompressing is bounded, since a kilobyte can hold gigabytes.
"""

import struct
import zlib
from collections.abc import Callable
from typing import Any

import cramjam
import lz4.frame
import zstandard
from aiokafka.record.default_records import DefaultRecordBatch

LARGEST_BATCH = 64 * 1024 * 1024
"""Bytes of a record batch's records, decompressed: what is larger is not read at all."""
_FRAME = struct.Struct(">qi")
_HEADER = struct.Struct(">qiibIhiqqqhii")
_MAGIC_AT, _ATTRIBUTES_AT = 16, 21
_CODEC, _APPEND_TIME, _TRANSACTIONAL, _CONTROL = 0x07, 0x08, 0x10, 0x20
_UNKNOWN = (0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 1)
_XERIAL = b"\x82SNAPPY\x00"
_XERIAL_HEADER = 16


class Unfit(ValueError):
    """A batch whose records cannot be read; the text holds no bytes of it."""


class Batches:
    """The batches of one partition in an answer, in the place of aiokafka's. The last may be cut."""

    def __init__(self, answer: bytes | None) -> None:
        self._answer, self._at = memoryview(answer or b""), 0

    def size_in_bytes(self) -> int:
        """Of all, the cut one included."""
        return len(self._answer)

    def has_next(self) -> bool:
        """Whether there is another whole one."""
        return self._end() is not None

    def next_batch(self) -> "Batch":
        """The next one; call `has_next` before."""
        end = self._end()
        assert end is not None
        raw, self._at = self._answer[self._at : end], end
        return Batch(raw)

    def _end(self) -> int | None:
        if len(self._answer) - self._at < _FRAME.size:
            return None
        length: int = _FRAME.unpack_from(self._answer, self._at)[1]
        end = self._at + _FRAME.size + length
        return end if length >= 0 and end <= len(self._answer) else None


class Batch:
    """One record batch; of another format than version 2 only the place of its last message is known."""

    def __init__(self, raw: memoryview) -> None:
        self.raw = raw
        self._is_known = len(raw) >= _HEADER.size and raw[_MAGIC_AT] == 2
        fields = _HEADER.unpack_from(raw) if self._is_known else (*_FRAME.unpack_from(raw), *_UNKNOWN)
        self.base_offset, self._attributes, last = fields[0], fields[5], fields[6]
        self.first_timestamp, self.max_timestamp, self.producer_id = fields[7], fields[8], fields[9]
        self.count, self.next_offset = fields[12], fields[0] + last + 1

    @property
    def is_transactional(self) -> bool:
        """Whether a transaction decides if it counts."""
        return bool(self._attributes & _TRANSACTIONAL)

    @property
    def is_control(self) -> bool:
        """Whether it holds a marker of a transaction, and no message."""
        return bool(self._attributes & _CONTROL)

    @property
    def has_append_time(self) -> bool:
        """Whether the broker set the time of its records, which is `max_timestamp` for all."""
        return bool(self._attributes & _APPEND_TIME)

    def is_whole(self) -> bool:
        """Whether its checksum is right."""
        return self._is_known and bool(DefaultRecordBatch(self.raw).validate_crc())

    def content(self) -> bytes | memoryview:
        """Its records as bytes; Unfit when they cannot be had, or are more than LARGEST_BATCH."""
        if not self._is_known:
            raise Unfit("another format than record batches of version 2")
        packed = self.raw[_HEADER.size :]
        codec = self._attributes & _CODEC
        if codec == 0:
            return packed
        unpack = _CODECS.get(codec)
        if unpack is None:
            raise Unfit("an unknown codec")
        content = unpack(packed)
        if len(content) > LARGEST_BATCH:
            raise Unfit(f"more than {LARGEST_BATCH} bytes when decompressed")
        return content

    def compiled(self, content: bytes | memoryview) -> Any:
        """aiokafka's iterator over these records, which stops at the first that it does not like."""
        if self._attributes & _CODEC == 0:
            return DefaultRecordBatch(self.raw)
        plain = bytearray(self.raw[: _HEADER.size]) + content
        struct.pack_into(">h", plain, _ATTRIBUTES_AT, self._attributes & ~_CODEC)
        return DefaultRecordBatch(plain)


def _gunzip(packed: memoryview) -> bytes:
    out, rest = bytearray(), bytes(packed)
    while rest and len(out) <= LARGEST_BATCH:
        member = zlib.decompressobj(31)
        out += member.decompress(rest, LARGEST_BATCH + 1 - len(out))
        if not member.eof and len(out) <= LARGEST_BATCH:
            raise Unfit("cut short")
        rest = member.unused_data
    return bytes(out)


def _unsnap(packed: memoryview) -> bytes:
    if packed[: len(_XERIAL)] != _XERIAL:
        return _unsnap_block(packed, 0)
    out, at = bytearray(), _XERIAL_HEADER
    while at < len(packed):
        (size,) = struct.unpack_from(">i", packed, at)
        out += _unsnap_block(packed[at + 4 : at + 4 + size], len(out))
        at += 4 + size
    return bytes(out)


def _unsnap_block(packed: memoryview, before: int) -> bytes:
    if before + cramjam.snappy.decompress_raw_len(packed) > LARGEST_BATCH:
        raise Unfit(f"more than {LARGEST_BATCH} bytes when decompressed")
    return bytes(cramjam.snappy.decompress_raw(packed))


def _unlz4(packed: memoryview) -> bytes:
    frame = lz4.frame.LZ4FrameDecompressor()
    content: bytes = frame.decompress(packed, LARGEST_BATCH + 1)
    if not frame.eof and len(content) <= LARGEST_BATCH:
        raise Unfit("cut short")
    return content


def _unzstd(packed: memoryview) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as reader:
        return reader.read(LARGEST_BATCH + 1)


_CODECS: dict[int, Callable[[memoryview], bytes]] = {1: _gunzip, 2: _unsnap, 3: _unlz4, 4: _unzstd}
