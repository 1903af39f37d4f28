"""CSV as spreadsheets and databases write it, row by row."""

import csv
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from typing import Any

from emc.errors import InputError
from producers.importing.encodings import first_foreign, guessed
from producers.importing.json_text import BOM
from producers.importing.opening import Opened
from producers.importing.rows import Broken, OpenFile, Row, Table

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
AUTO = "auto"
_SEPARATOR = b"sep="
_PROBE = 64 * 1024


def open_csv(opened: Opened, wanted: Callable[[list[str]], list[str]], delimiter: str | None = None) -> Table:
    """Opens a CSV file of UTF-8.

    `wanted` picks the columns that will be read. A first line `sep=;`, which spreadsheets write, is no row:
    it is taken when `delimiter` is said or `auto`; else it is an error, since nothing else says what it is.
    """
    file, name = opened.file, opened.name
    chosen = _delimiter(file, name, delimiter)
    foreign = first_foreign(file)
    text = TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline="")
    skipped = 1 if _separator(file) is not None else 0
    for _ in range(skipped):
        text.readline()
    lines = _Lines(csv.reader(text, delimiter=chosen, strict=True), skipped)
    header = _header(name, lines, foreign)
    used = wanted(header)
    for column in used:
        if header.count(column) > 1:
            raise InputError(f"{name} has {header.count(column)} columns named {column!r}")
    places = [(n, column) for n, column in enumerate(header) if column in used]
    rows = _csv_rows(text, lines, len(header), places)
    return Table(header, opened.size, rows, opened.position(), remarks=_remarks(name, foreign))


def _remarks(name: str, foreign: bytes | None) -> tuple[str, ...]:
    return () if foreign is None else (f"{name} is not UTF-8 throughout{_guess(foreign)}",)


def _guess(foreign: bytes) -> str:
    guess = guessed(foreign)
    return f"; it looks like {guess}: say --encoding {guess.lower()}" if guess else ": save it as UTF-8"


def _separator(file: OpenFile) -> str | None:
    """The delimiter that a first line `sep=;` names; None when the first line is another."""
    start = file.peek(16)[:16].removeprefix(BOM)
    if start[:4].lower() != _SEPARATOR:
        return None
    said = start[4:5].decode("ascii", "replace")
    return said if said in DELIMITERS.values() else None


def _delimiter(file: OpenFile, name: str, asked: str | None) -> str:
    """The delimiter: as asked for, or the one that is most often in the first line."""
    said = _separator(file)
    if said is not None and asked is None:
        raise InputError(
            f"{name} begins with a line sep={said} and no column's name: "
            f"say --delimiter {said!r}, or --delimiter auto, to read the columns behind it"
        )
    if asked is not None and asked != AUTO:
        return named(asked)
    if said is not None:
        return said
    start = file.peek(_PROBE)[:_PROBE].removeprefix(BOM).lstrip()
    line = start.splitlines()[0].decode("utf-8", "replace") if start else ""
    return max(DELIMITERS.values(), key=line.count)


def named(asked: str) -> str:
    """The delimiter of a name, or itself; InputError for any other."""
    found = DELIMITERS.get(asked, asked)
    if found not in DELIMITERS.values():
        raise InputError(f"delimiter is {asked!r}, expected auto, one of , ; | or {', '.join(DELIMITERS)}")
    return found


class _Lines:
    """The rows of a CSV file with the lines they were on, behind those `skipped`; blank lines are left
    out.
    """

    def __init__(self, reader: Iterator[list[str]], skipped: int) -> None:
        self._reader: Any = reader
        self._skipped = skipped
        self.first = 1

    def __iter__(self) -> Iterator[list[str] | Broken]:
        while True:
            self.first = self._reader.line_num + 1 + self._skipped
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Broken(self.first, self.told(_csv_reason(str(error))))
                continue
            if cells:
                yield cells

    def told(self, reason: str) -> str:
        """The reason, with the lines that the row took when it took several."""
        last = self._reader.line_num + self._skipped
        return reason if last <= self.first else f"{reason} (lines {self.first} to {last})"


def _header(name: str, lines: _Lines, foreign: bytes | None) -> list[str]:
    header = next(iter(lines), [])
    if isinstance(header, Broken):
        raise InputError(f"{name} has no readable header: {header.reason}")
    if not all(map(_is_text, header)):
        raise InputError(f"{name} is not UTF-8{_guess(foreign) if foreign else ''}")
    return [column.strip() for column in header]


def _csv_rows(
    text: TextIOWrapper, lines: _Lines, width: int, places: list[tuple[int, str]]
) -> Iterator[Row | Broken]:
    with text:
        for cells in lines:
            if isinstance(cells, Broken):
                yield cells
            elif len(cells) != width:
                reason = f"expected {width} cells as in the header, found {len(cells)}"
                yield Broken(lines.first, lines.told(reason))
            else:
                values = {name: cells[n] for n, name in places}
                is_text = all(map(_is_text, values.values()))
                yield Row(lines.first, values) if is_text else Broken(lines.first, "expected UTF-8")


def _is_text(cell: str) -> bool:
    """Whether all bytes of a cell were UTF-8: those that were not were read as lone surrogates."""
    return cell.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in cell)


def _csv_reason(error: str) -> str:
    if "expected after" in error:
        return "a quoted cell is followed by other text: double the quotes inside a cell"
    if "unexpected end" in error or "field larger" in error:
        return "a quoted cell does not end"
    return "expected cells of a CSV file"
