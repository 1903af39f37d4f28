"""Reading JSON files record by record: one object, an array of objects, or JSON lines; never whole.

In JSON lines a broken line is one broken record. In an array, records are cut out by their braces, so a
record that is no JSON does not hide the next.
"""

import re
from collections.abc import Iterator

from emc.errors import InputError
from producers.importing.rows import OpenFile

LARGEST_RECORD = 16 * 1024 * 1024
CHUNK = 1024 * 1024
BOM = b"\xef\xbb\xbf"

_between = re.compile(rb"[\s,\[\]]*").match
# up to the next brace, over whole strings; it stops at a string that the buffer's end cuts off
_to_brace = re.compile(rb'[^"{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}]*+)*+', re.DOTALL).match

Piece = tuple[int, bytes | str]  # line on which it begins; the record's bytes, or why there is none
_ENDLESS = f"expected a JSON object that ends within {LARGEST_RECORD // CHUNK} MiB"
_NO_OBJECT = "expected a JSON object"


def pieces(file: OpenFile) -> Iterator[Piece]:
    """The records of an open file, as bytes, with the lines on which they begin."""
    if file.peek(len(BOM)).startswith(BOM):
        file.read(len(BOM))
    return _lines(file) if _is_lines(file) else _objects(file)


def _is_lines(file: OpenFile) -> bool:
    """Whether every line is an object of its own: told by the beginnings of the first two lines."""
    place = file.tell()
    starts: list[bytes] = []
    first = b""
    for _ in range(1000):
        line = file.readline(CHUNK)
        if line.strip():
            first = first or line.strip()
            starts.append(line.strip()[:1])
        if len(starts) == 2 or not line:
            break
    file.seek(place)
    if starts[:1] not in ([b"{"], [b"["]):
        raise InputError(f"{_name(file)} is not JSON: expected an object, an array of objects, or JSON lines")
    if starts[0] == b"[":
        return False
    return starts[1:] == [b"{"] or (len(starts) == 2 and first.endswith(b"}"))


def _name(file: OpenFile) -> str:
    return str(file.name)


def _lines(file: OpenFile) -> Iterator[Piece]:
    number = 0
    while line := file.readline(LARGEST_RECORD + 1):
        number += 1
        if len(line) > LARGEST_RECORD:
            yield number, _ENDLESS
            while line and not line.endswith(b"\n"):
                line = file.readline(LARGEST_RECORD)
        elif line.strip():
            yield number, line


def _objects(file: OpenFile) -> Iterator[Piece]:
    return _Cutter(file).pieces()


class _Cutter:
    """Cuts top-level objects out of a stream of bytes."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0
        self._line = 1

    def pieces(self) -> Iterator[Piece]:
        while self._to_next():
            if self._buffer[self._at] != ord("{"):
                yield self._line, _NO_OBJECT
                self._skip_to_object()
                continue
            end = self._end()
            line = self._line
            if end is None:
                yield line, _ENDLESS
                return
            record = self._buffer[self._at : end]
            self._advance(end)
            yield line, record

    def _advance(self, to: int) -> None:
        self._line += self._buffer.count(b"\n", self._at, to)
        self._at = to

    def _more(self) -> bool:
        """Reads on, dropping what is behind; False at the end of the file."""
        chunk = self._file.read(CHUNK)
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return bool(chunk)

    def _to_next(self) -> bool:
        """Goes to the next byte that is neither blank, comma nor bracket; False when there is none."""
        while True:
            match = _between(self._buffer, self._at)
            self._advance(match.end() if match else self._at)
            if self._at < len(self._buffer):
                return True
            if not self._more():
                return False

    def _skip_to_object(self) -> None:
        while True:
            found = self._buffer.find(b"{", self._at)
            self._advance(found if found >= 0 else len(self._buffer))
            if found >= 0 or not self._more():
                return

    def _end(self) -> int | None:
        """Where the object that begins here ends; None when it does not, or is too large."""
        depth, offset = 0, 0  # the offset is relative to where the object begins: the buffer moves
        while True:
            match = _to_brace(self._buffer, self._at + offset)
            offset = (match.end() if match else len(self._buffer)) - self._at
            brace = self._buffer[self._at + offset : self._at + offset + 1]
            if brace not in (b"{", b"}"):
                if len(self._buffer) - self._at > LARGEST_RECORD or not self._more():
                    return None
                continue
            offset += 1
            depth += 1 if brace == b"{" else -1
            if depth == 0:
                return self._at + offset
