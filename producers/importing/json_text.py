"""Reading JSON files record by record: one object, an array of objects, or JSON lines; never whole.

In JSON lines a broken line is one broken record. In an array, records are cut out by their braces, so a
record that is no JSON does not hide the next.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from emc.errors import InputError
from producers.importing.rows import Broken, OpenFile, Row

LARGEST_RECORD = 16 * 1024 * 1024
CHUNK = 1024 * 1024
BOM = b"\xef\xbb\xbf"

_between = re.compile(rb"[\s,\[\]]*").match
_within = re.compile(rb"[\s,\[]*").match
_PAIR = rb"""\s*"[^"\\]{0,64}"\s*:\s*(?:"[^"\\]{0,500}"|true|false|null|-?[0-9.]{1,20})\s*"""
# an envelope up to the bracket of its list `data`, and from the bracket that ends the list to its own end
_head = re.compile(rb"\s*\{(?:" + _PAIR + rb',){0,20}\s*"data"\s*:\s*\[', re.IGNORECASE).match
_tail = re.compile(rb"\](?:\s*," + _PAIR + rb"){0,20}\s*\}\s*").match
_HEAD = 64 * 1024
# up to the next brace, over whole strings; it stops at a string that the buffer's end cuts off
_to_brace = re.compile(rb'[^"{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}]*+)*+', re.DOTALL).match

Piece = tuple[int, bytes | str]  # line on which it begins; the record's bytes, or why there is none
_ENDLESS = f"expected a JSON object that ends within {LARGEST_RECORD // CHUNK} MiB"
_NO_OBJECT = "expected a JSON object"
_CUT_OFF = "expected the closing bracket of the array: what follows was cut off"


def records(file: OpenFile, name: str, is_enveloped: bool = False) -> Iterator[Row | Broken]:
    """The records of an open file called `name`; with `is_enveloped`, those in the list `data` of an object.

    InputError when it is no JSON at all.
    """
    found = pieces(file, name, is_enveloped)
    return (row for line, piece in found for row in _decoded(line, piece, is_enveloped))


def _decoded(line: int, piece: bytes | str, is_enveloped: bool) -> Iterator[Row | Broken]:
    if isinstance(piece, str):
        yield Broken(line, piece)
        return
    try:
        record: Any = msgspec.json.decode(piece)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        yield Broken(line, "expected a JSON object in UTF-8")
        return
    inner = _enveloped(record) if is_enveloped and isinstance(record, dict) else None
    for one in [record] if inner is None else inner:
        yield Row(line, one) if isinstance(one, dict) else Broken(line, _NO_OBJECT)


def _enveloped(record: Mapping[str, Any]) -> list[Any] | None:
    """The records in an envelope; None when it is none, but a record of its own."""
    names = {name.lower(): value for name, value in record.items()}
    inner = names.get("data")
    return inner if isinstance(inner, list) and "mahoso" not in names else None


def pieces(file: OpenFile, name: str = "the file", is_enveloped: bool = False) -> Iterator[Piece]:
    """The records of an open file, as bytes, with the lines on which they begin."""
    if file.peek(len(BOM)).startswith(BOM):
        file.read(len(BOM))
    if is_enveloped and _envelope(file.peek(_HEAD)[:_HEAD]):
        return _Cutter(file, is_enveloped=True).pieces()
    return _lines(file) if _is_lines(file, name) else _Cutter(file).pieces()


def _envelope(start: bytes) -> int:
    """The length of the beginning of an envelope; 0 when there is none."""
    head = _head(start)
    return head.end() if head and b"mahoso" not in head[0].lower() else 0


def _is_lines(file: OpenFile, name: str) -> bool:
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
        raise InputError(f"{name} is not JSON: expected an object, an array of objects, or JSON lines")
    if starts[0] == b"[":
        return False
    return starts[1:] == [b"{"] or (len(starts) == 2 and first.endswith(b"}"))


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


class _Cutter:
    """Cuts top-level objects out of a stream of bytes; with `is_enveloped`, those in the lists of
    envelopes.
    """

    def __init__(self, file: OpenFile, is_enveloped: bool = False) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0
        self._line = 1
        self._is_enveloped = is_enveloped
        self._is_inside = False
        self._open = 0  # brackets between records that are not closed yet

    def pieces(self) -> Iterator[Piece]:
        while self._to_next():
            if self._is_enveloped and self._passes_envelope():
                continue
            if self._buffer[self._at] != ord("{"):
                yield self._line, _NO_OBJECT
                self._is_inside = False
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
        if self._open > 0 or self._is_inside:
            yield self._line, _CUT_OFF

    def _passes_envelope(self) -> bool:
        """Goes over the beginning or the end of an envelope, where there is one."""
        while len(self._buffer) - self._at < _HEAD and self._more():
            pass
        here = self._buffer[self._at : self._at + _HEAD]
        if self._is_inside:
            tail = _tail(here)
            length = tail.end() if tail else 0
        else:
            length = _envelope(here)
        self._is_inside ^= length > 0
        self._advance(self._at + length)
        return length > 0

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
            match = (_within if self._is_inside else _between)(self._buffer, self._at)
            if match:
                self._open += 0 if self._is_inside else match[0].count(b"[") - match[0].count(b"]")
                self._advance(match.end())
            if self._at < len(self._buffer):
                return True
            if not self._more():
                return False

    def _skip_to_object(self) -> None:
        while True:
            self._open = -LARGEST_RECORD  # what is skipped may hold any brackets
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
