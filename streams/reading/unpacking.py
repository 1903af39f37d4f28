"""Records read one by one, whatever is in them: for batches that the compiled parser does not take.

A record that cannot be read is told as such, and the one behind it is read: each says how long it is.
"""

from collections.abc import Iterator
from typing import NamedTuple

Headers = tuple[tuple[str, bytes | None], ...]
_MOST_HEADERS = 300_000
_LONGEST_VARINT = 10
_MOST_TOLD = 1_000


class Unpacked(NamedTuple):
    """How far a record lies behind its batch's first, by offset and by time, and what it holds."""

    offset_delta: int
    time: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def unpacked(content: bytes | memoryview, count: int, offsets: int) -> Iterator[Unpacked | int]:
    """The records in the bytes of a batch, `count` of them, the last at the offset delta `offsets` − 1.

    A number is the offset delta of one that cannot be read.
    """
    reader, expected = _Reader(content), 0
    for _ in range(count):
        try:
            end = reader.end_of_next()
        except (ValueError, IndexError):
            break  # nobody knows where the next one begins
        try:
            record = reader.record(end)
        except Exception:  # whatever it is, it concerns this record alone
            yield expected
            expected += 1
        else:
            yield record
            expected = record.offset_delta + 1
        reader.at = end
    yield from told(range(expected, offsets))


def told(offsets: range) -> range:
    """Offsets that cannot be read: each, or only the first where they are more than anybody would look at."""
    return offsets if len(offsets) <= _MOST_TOLD else offsets[:1]


class _Reader:
    """Steps through bytes. ValueError or IndexError where they are not what they should be."""

    def __init__(self, content: bytes | memoryview) -> None:
        self._content, self.at = memoryview(content), 0

    def end_of_next(self) -> int:
        """Reads a record's length: where it ends."""
        length = self._varint()
        end = self.at + length
        if length < 0 or end > len(self._content):
            raise ValueError("length")
        return end

    def record(self, end: int) -> Unpacked:
        """Reads a record behind its length."""
        self.at += 1  # attributes, none of which is in use
        time, offset_delta = self._varint(), self._varint()
        key, value = self._nullable(), self._nullable()
        number = self._varint()
        if not 0 <= number <= _MOST_HEADERS or offset_delta < 0:
            raise ValueError("headers")
        headers = tuple((self._name(), self._nullable()) for _ in range(number))
        if self.at != end:
            raise ValueError("length")
        return Unpacked(offset_delta, time, key, value, headers)

    def _name(self) -> str:
        """A byte that is not UTF-8 becomes a lone surrogate, and is that byte again when it is sent on."""
        return (self._nullable() or b"").decode("utf-8", "surrogateescape")

    def _nullable(self) -> bytes | None:
        length = self._varint()
        if length < 0:
            return None
        start, self.at = self.at, self.at + length
        if self.at > len(self._content):
            raise ValueError("length")
        return bytes(self._content[start : self.at])

    def _varint(self) -> int:
        number = shift = 0
        for _ in range(_LONGEST_VARINT):
            byte = self._content[self.at]
            self.at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)
            shift += 7
        raise ValueError("varint")


def longest(content: bytes | memoryview) -> int:
    """The bytes of the longest record; those of all when that cannot be told."""
    at, end, found = 0, len(content), 0
    while at < end:
        number = shift = 0
        while at < end:
            byte = content[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 7 * _LONGEST_VARINT:
                break
        if number & 1 or shift > 7 * _LONGEST_VARINT:
            return end
        found = max(found, number >> 1)
        at += number >> 1
    return found if at == end else end
