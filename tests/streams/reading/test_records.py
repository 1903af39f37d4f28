"""Records as they are fetched: whatever goes wrong in one, it alone is stepped over, after a second look."""

import struct
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiokafka.structs import TopicPartition
from crc32c import crc32c

from streams.reading import records, unpacking
from streams.reading.batches import Batch, Batches
from streams.reading.records import Record, Records, Stumbles, Unreadable
from tests.records import CODECS, Header, RawRecord, compress, encode_batch, encode_record, sealed, varint

PLACE = TopicPartition("emc.events", 3)
STRANGE: Header = (b"x-m\xe3-vi\xd6c", b"1")
GOOD = [
    RawRecord(b"H25", b'{"n": %d}' % n, ((b"content-type", b"application/json"), (b"x", None)))
    for n in range(5)
]


def at(raw: bytes, base: int) -> bytes:
    """The batch as the broker stores it, its first offset set."""
    return struct.pack(">q", base) + raw[8:]


class Log:
    """Batches of a partition, fetched as a consumer does: again from where it stands."""

    def __init__(self, *raw: bytes) -> None:
        self._raw, self._end = b"", 0
        for each in raw:
            batch = Batches(each).next_batch()
            self._raw += at(each, self._end)
            self._end += batch.next_offset
        self.fetches = 0

    def read(self, start: int = 0, most: int = 100, aborted: Sequence[tuple[int, int]] = ()) -> list[Record]:
        """Everything from an offset to the end, in as many fetches as it takes."""
        stumbles, found = Stumbles(), list[Record]()
        while start < self._end:
            self.fetches += 1
            assert self.fetches <= most, "reading does not get on"
            batches = Batches(self._raw)
            reading = Records(PLACE, batches, list(aborted), start, None, None, True, 1, stumbles=stumbles)
            found += list(reading)
            start = reading.next_fetch_offset
        return found


def values(found: list[Record]) -> list[bytes | None]:
    return [record.value for record in found]


@pytest.mark.parametrize("codec", CODECS)
def test_records_are_read_once_and_in_order(codec: str) -> None:
    log = Log(encode_batch(GOOD, codec), encode_batch(GOOD[:2], codec))
    found = log.read()
    assert values(found) == values([*found[:5], *found[:2]])
    assert [(record.partition, record.offset) for record in found] == [(3, n) for n in range(7)]
    assert [list(record.headers) for record in found[:1]] == [
        [("content-type", b"application/json"), ("x", None)]
    ]
    assert [record.offset for record in log.read(start=3)] == [3, 4, 5, 6]


@pytest.mark.parametrize("codec", CODECS)
def test_a_header_name_that_is_not_utf8_is_read_and_kept(codec: str) -> None:
    odd = GOOD[1]._replace(headers=(STRANGE, (b"", b""), (b"\xff", None)))
    log = Log(encode_batch([GOOD[0], odd, GOOD[2]], codec))
    found = log.read()
    assert log.fetches == 1
    assert values(found) == [record.value for record in GOOD[:3]]
    names = [name.encode("utf-8", "surrogateescape") for name, _ in found[1].headers]
    assert names == [STRANGE[0], b"", b"\xff"]
    assert [record.key for record in found] == [b"H25"] * 3


def test_null_and_huge_parts_are_read() -> None:
    large = RawRecord(None, None, ((b"h", b"x" * 3_000_000),))
    long = RawRecord(b"k" * 1_000_000, b"", tuple((b"n", None) for _ in range(100_000)))
    found = Log(encode_batch([large, long], "zstd"), encode_batch([RawRecord(None, None)])).read()
    assert [(record.key is None, record.value) for record in found] == [
        (True, None),
        (False, b""),
        (True, None),
    ]
    assert found[1].beside > 100_000 * 64


BROKEN = varint(7) + b"\0" + varint(0) + varint(1) + varint(90) + b"ab"
"""A record whose key is longer than itself."""


def around(broken: bytes) -> bytes:
    return sealed(encode_record(GOOD[0], 0) + broken + encode_record(GOOD[2], 2), 3)


def test_the_longest_record_is_told_or_all_of_them() -> None:
    bodies = [
        encode_record(RawRecord(b"k", bytes(size)), place) for place, size in enumerate((1, 900, 70_000, 0))
    ]
    content = b"".join(bodies)
    assert 70_000 < unpacking.longest(content) < 70_030
    for broken in (content[:-1], content + b"\x03", b"\xff" * 100_000, content + varint(-4)):
        assert unpacking.longest(broken) == len(broken)
    assert unpacking.longest(b"") == 0


def test_just_the_record_that_cannot_be_read_is_stepped_over_after_a_second_look() -> None:
    log = Log(encode_batch(GOOD[:1]), around(BROKEN), encode_batch(GOOD[3:4]))
    found = log.read()
    assert [record.offset for record in found] == [0, 1, 2, 3, 4]
    assert [type(record) for record in found] == [Record, Record, Unreadable, Record, Record]
    assert (found[2].key, found[2].value, found[2].headers) == (None, None, ())
    assert log.fetches == 2


@pytest.mark.parametrize("broken", [varint(-5), varint(10_000), b"\xff" * 11])
def test_where_no_record_can_be_found_any_more_all_places_are_told(broken: bytes) -> None:
    found = Log(around(broken), encode_batch(GOOD[:1])).read()
    assert [record.offset for record in found] == [0, 1, 2, 3]
    assert found[0].value == GOOD[0].value
    assert [type(record) for record in found] == [Record, Unreadable, Unreadable, Record]
    assert found[3].value == GOOD[0].value


def spoiled(raw: bytes, place: int) -> bytes:
    changed = bytearray(raw)
    changed[place] ^= 0xFF
    return bytes(changed)


def with_codec(codec: int, body: bytes, count: int) -> bytes:
    return sealed(body, count, codec)


@pytest.mark.parametrize(
    "bad",
    [
        spoiled(encode_batch(GOOD), -3),
        with_codec(1, b"no gzip", 5),
        with_codec(2, b"\xff\xff\xff\xff\xff", 5),
        with_codec(3, b"no lz4", 5),
        with_codec(4, b"no zstd", 5),
        with_codec(6, b"no codec", 5),
        with_codec(4, compress("zstd", bytes(65 << 20)), 5),
    ],
    ids=["checksum", "gzip", "snappy", "lz4", "zstd", "codec", "grows too large"],
)
def test_a_batch_that_cannot_be_read_is_stepped_over_and_told_place_by_place(bad: bytes) -> None:
    log = Log(encode_batch(GOOD[:2]), bad, encode_batch(GOOD[2:4]))
    found = log.read()
    assert [record.offset for record in found] == list(range(9))
    assert [type(record) for record in found[2:7]] == [Unreadable] * 5
    assert values(found[7:]) == [GOOD[2].value, GOOD[3].value]
    assert log.fetches == 2


def test_of_very_many_places_only_the_first_is_told() -> None:
    log = Log(with_codec(4, b"no zstd", 2_000_000_000), encode_batch(GOOD[:1]))
    found = log.read()
    assert [record.offset for record in found] == [0, 2_000_000_000]


def marker(producer: int, kind: int) -> bytes:
    """A control batch: kind 0 aborts a transaction, 1 commits it."""
    return in_transaction(
        sealed(encode_record(RawRecord(struct.pack(">hh", 0, kind), b""), 0), 1), producer, 0x30
    )


def in_transaction(raw: bytes, producer: int, attributes: int = 0x10) -> bytes:
    head, tail = bytearray(raw[:21]), bytearray(raw[21:])
    struct.pack_into(">h", tail, 0, attributes)
    struct.pack_into(">q", tail, 22, producer)
    struct.pack_into(">I", head, 17, crc32c(bytes(tail)))
    return bytes(head + tail)


def test_markers_and_aborted_messages_are_passed_over() -> None:
    batch = encode_batch(GOOD[:2])
    first, other, second = in_transaction(batch, 7), in_transaction(batch, 8), in_transaction(batch, 7)
    log = Log(first, other, marker(7, 0), batch, marker(8, 1), second, marker(7, 1))
    found = log.read(aborted=[(7, 0)])
    assert [record.offset for record in found] == [2, 3, 5, 6, 8, 9]


def test_a_marker_alone_moves_the_position_on() -> None:
    reading = Records(PLACE, Batches(marker(7, 1)), None, 0, None, None, True, 1, stumbles=Stumbles())
    assert list(reading) == []
    assert reading.next_fetch_offset == 1


def test_large_answers_are_handed_over_in_parts() -> None:
    record = RawRecord(b"H25", bytes(1_000_000))
    log = Log(encode_batch([record] * 40, "zstd"), encode_batch([record] * 3, "zstd"))
    assert [found.offset for found in log.read()] == list(range(43))
    assert log.fetches >= 5


def test_arrivals_that_no_broker_set_are_of_this_century() -> None:
    for timestamp in (-1, 0, 2**62, -(2**62), 1_717_200_000_000):
        (found,) = Log(encode_batch(GOOD[:1], timestamp=timestamp)).read()
        assert found.timestamp == min(max(timestamp, 0), 4_102_444_800_000)


Fault = Callable[..., Any]


def fails(*_: Any, **__: Any) -> Any:
    raise RuntimeError("injected")


@pytest.mark.parametrize("codec", ["none", "zstd"])
@pytest.mark.parametrize(
    ("where", "name", "lost"),
    [(Batch, "is_whole", 5), (Batch, "content", 5), (Batch, "compiled", 0), (records, "unpacked", 0)],
)
def test_a_failure_anywhere_ends_no_reading(
    codec: str, where: Any, name: str, lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step fails by an error of ours, all places are told, and bystanders are read."""
    normal = getattr(where, name)
    bad = {0} if lost else {0, 5}

    def step(*given: Any) -> Any:
        if isinstance(given[0], Batch) and given[0].base_offset not in bad:
            return normal(*given)
        return fails()

    monkeypatch.setattr(where, name, step)
    if name == "unpacked":
        monkeypatch.setattr(Batch, "compiled", fails)
    log = Log(encode_batch(GOOD, codec), encode_batch(GOOD, codec))
    found = log.read()
    assert [record.offset for record in found] == list(range(10))
    expected = 10 if name == "unpacked" else lost
    assert sum(type(record) is Unreadable for record in found) == expected


@pytest.mark.parametrize("place", range(5))
def test_a_failure_at_one_record_steps_over_that_one(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def limping(batch: Batch, content: bytes) -> Any:
        for n, record in enumerate(normal(batch, content)):
            if n == place:
                fails()
            yield record

    def lame(reader: Any, end: int) -> Any:
        found = record(reader, end)
        return fails() if found.offset_delta == place else found

    normal, record = Batch.compiled, unpacking._Reader.record
    monkeypatch.setattr(Batch, "compiled", limping)
    assert values(Log(encode_batch(GOOD)).read()) == [record.value for record in GOOD]
    monkeypatch.setattr(unpacking._Reader, "record", lame)
    found = Log(encode_batch(GOOD)).read()
    assert [record.offset for record in found if type(record) is Unreadable] == [place]
    assert [record.offset for record in found] == list(range(5))
