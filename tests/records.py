"""Records of any bytes: written into a topic batch by batch, and read back, past every client's opinions.

Speaks as much of Kafka's protocol as that takes, to the broker that leads the
partition and asks for no password.
"""

import gzip
import io
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cramjam
from crc32c import crc32c

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
_PRODUCE, _FETCH = 0, 1
_COMMIT = 1
_TIMEOUT = 60.0
Header = tuple[bytes, bytes | None]


class RawRecord(NamedTuple):
    """A record as the broker holds it; `offset` is left out of what is written."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()
    offset: int = 0


class RawBatch(NamedTuple):
    """A record batch as the broker holds it; `appended`: the broker's append time (ms)."""

    base: int
    attributes: int
    number: int
    appended: int
    producer: int
    body: bytes

    @property
    def is_control(self) -> bool:
        """Whether it is the marker of a transaction's end."""
        return bool(self.attributes & 0x20)

    def records(self) -> Iterator[RawRecord]:
        """What it holds."""
        return decoded(self.base, self.attributes, self.number, self.body)


class Refused(Exception):
    """The broker's error code."""


def varint(number: int) -> bytes:
    """A zigzag varint."""
    left = (number << 1) ^ (number >> 63)
    out = bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


def nullable(value: bytes | None) -> bytes:
    """Bytes behind their length; −1 for null."""
    return varint(-1) if value is None else varint(len(value)) + value


def encode_record(record: RawRecord, place: int, timestamp_delta: int = 0) -> bytes:
    """A record at a place of its batch."""
    body = b"\0" + varint(timestamp_delta) + varint(place) + nullable(record.key) + nullable(record.value)
    headers = b"".join(nullable(name) + nullable(value) for name, value in record.headers)
    body += varint(len(record.headers)) + headers
    return varint(len(body)) + body


def encode_batch(records: Sequence[RawRecord], codec: str = "none", timestamp: int = 0) -> bytes:
    """A record batch; every record bears this timestamp (ms)."""
    body = b"".join(encode_record(record, place) for place, record in enumerate(records))
    return sealed(compress(codec, body), len(records), CODECS[codec], timestamp)


def sealed(body: bytes, count: int, attributes: int = 0, timestamp: int = 0) -> bytes:
    """A record batch around the bytes of its records, with a right checksum."""
    tail = struct.pack(">hiqqqhii", attributes, count - 1, timestamp, timestamp, -1, -1, -1, count) + body
    return struct.pack(">qiibI", 0, len(tail) + 9, -1, 2, crc32c(tail)) + tail


def compress(codec: str, body: bytes) -> bytes:
    """The bytes under a codec of Kafka's."""
    if codec == "gzip":
        return gzip.compress(body)
    if codec == "snappy":
        return bytes(cramjam.snappy.compress_raw(body))
    if codec == "lz4":
        compressor = cramjam.lz4.Compressor(content_checksum=False, block_linked=False)
        compressor.compress(body)
        return bytes(compressor.finish())
    return bytes(cramjam.zstd.compress(body)) if codec == "zstd" else body


def decompress(codec: int, body: bytes) -> bytes:
    """The other way round."""
    if codec == 1:
        return gzip.decompress(body)
    reverse = {2: cramjam.snappy.decompress_raw, 3: cramjam.lz4.decompress, 4: cramjam.zstd.decompress}
    return bytes(reverse[codec](body)) if codec else body


def produce(bootstrap: str, topic: str, partition: int, batch: bytes) -> tuple[int, int]:
    """Appends a record batch; its first offset and append time (ms). Refused with the broker's error code."""
    asked = (
        struct.pack(">hhii", -1, -1, 30_000, 1) + _text(topic) + struct.pack(">iii", 1, partition, len(batch))
    )
    with _connected(bootstrap) as connection:
        answer = _ask(connection, _PRODUCE, 7, asked + batch)
    answer.read(4)
    answer.read(_int16(answer))
    _, _, error = struct.unpack(">iih", answer.read(10))
    if error:
        raise Refused(error)
    offset, appended = struct.unpack(">qq", answer.read(16))
    return offset, appended


def read_raw(bootstrap: str, topic: str, partition: int) -> Iterator[RawRecord]:
    """Every record of a partition, control records left out, those of any transaction not."""
    for batch in _batches_of(bootstrap, topic, partition):
        if not batch.is_control:
            yield from batch.records()


def read_committed(
    bootstrap: str, topic: str, partition: int, first: int = 0
) -> Iterator[tuple[RawRecord, int]]:
    """The records of a partition with their append times, but for those of transactions aborted or open."""
    batches = list(_batches_of(bootstrap, topic, partition, first, committed=True))
    aborted = _aborted(batches)
    for batch, is_aborted in zip(batches, aborted, strict=True):
        if not (batch.is_control or is_aborted):
            yield from ((record, batch.appended) for record in batch.records())


def _aborted(batches: Sequence[RawBatch]) -> list[bool]:
    """Which batches are of a transaction that was aborted: its producer's next marker says so."""
    found, doomed = [], set[int]()
    for batch in reversed(batches):
        if batch.is_control:
            (marker,) = batch.records()
            ends_well = struct.unpack(">hh", marker.key or b"")[1] == _COMMIT
            doomed = doomed - {batch.producer} if ends_well else doomed | {batch.producer}
        found.append(bool(batch.attributes & 0x10) and batch.producer in doomed)
    return found[::-1]


def _batches_of(
    bootstrap: str, topic: str, partition: int, offset: int = 0, committed: bool = False
) -> Iterator[RawBatch]:
    """All of a partition from an offset on; `committed`: up to the first transaction that is open."""
    end = offset + 1
    with _connected(bootstrap) as connection:
        while offset < end:
            end, batches = _fetch(connection, topic, partition, offset, committed)
            for batch in batches:
                if batch.base + batch.number > offset and batch.base < end:
                    yield batch
                    offset = batch.base + batch.number


def _fetch(
    connection: socket.socket, topic: str, partition: int, offset: int, committed: bool
) -> tuple[int, list[RawBatch]]:
    """The partition's end, and some batches from an offset on."""
    asked = struct.pack(">iiiibii", -1, 0, 0, 1 << 26, int(committed), 0, -1)
    asked += struct.pack(">i", 1) + _text(topic)
    asked += struct.pack(">iiqqi", 1, partition, offset, -1, 1 << 26) + struct.pack(">i", 0)
    answer = _ask(connection, _FETCH, 7, asked)
    answer.read(14)
    answer.read(_int16(answer))
    _, _, error, end, stable, _, aborted = struct.unpack(">iihqqqi", answer.read(38))
    if error:
        raise Refused(error)
    answer.read(16 * max(aborted, 0))
    (size,) = struct.unpack(">i", answer.read(4))
    return stable if committed else end, list(_batches(io.BytesIO(answer.read(size))))


def _batches(content: io.BytesIO) -> Iterator[RawBatch]:
    while len(head := content.read(12)) == 12:
        base, length = struct.unpack(">qi", head)
        body = content.read(length)
        if len(body) < length:
            return
        attributes, last, _, appended, producer = struct.unpack_from(">hiqqq", body, 9)
        yield RawBatch(base, attributes, last + 1, appended, producer, body[49:])


def decoded(base: int, attributes: int, count: int, body: bytes) -> Iterator[RawRecord]:
    """The records of a batch."""
    content = io.BytesIO(decompress(attributes & 7, body))
    for _ in range(count):
        if not content.getbuffer().nbytes - content.tell():
            return
        _read_varint(content)
        content.read(1)
        _read_varint(content)
        place = _read_varint(content)
        key, value = _read_nullable(content), _read_nullable(content)
        number = _read_varint(content)
        headers = [(_read_nullable(content) or b"", _read_nullable(content)) for _ in range(number)]
        yield RawRecord(key, value, headers, base + place)


def _read_varint(content: io.BytesIO) -> int:
    number = shift = 0
    while True:
        (byte,) = content.read(1)
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1)


def _read_nullable(content: io.BytesIO) -> bytes | None:
    length = _read_varint(content)
    return None if length < 0 else content.read(length)


def _text(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()


def _int16(answer: io.BytesIO) -> int:
    (number,) = struct.unpack(">h", answer.read(2))
    return int(number)


def _connected(bootstrap: str) -> socket.socket:
    host, _, port = bootstrap.partition(",")[0].rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_TIMEOUT)


def _ask(connection: socket.socket, api: int, version: int, asked: bytes) -> io.BytesIO:
    request = struct.pack(">hhi", api, version, 1) + _text("test") + asked
    connection.sendall(struct.pack(">i", len(request)) + request)
    (size,) = struct.unpack(">i", _exactly(connection, 4))
    return io.BytesIO(_exactly(connection, size)[4:])


def _exactly(connection: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        part = connection.recv(min(size - len(found), 1 << 20))
        if not part:
            raise ConnectionError("the broker hung up")
        found += part
    return bytes(found)
