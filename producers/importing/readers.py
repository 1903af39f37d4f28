"""Opening a file of any format as rows. InputError when it is not of the format that was said."""

import csv
from collections.abc import Callable, Iterator
from io import BufferedReader, FileIO, TextIOWrapper
from pathlib import Path
from typing import Any

import msgspec

from emc.errors import InputError
from producers.importing.json_text import BOM, CHUNK, Piece, pieces
from producers.importing.rows import Broken, OpenFile, Row, Table

_DELIMITERS = ",;\t|"
_PROBE = 64 * 1024
_FOREIGN = {
    b"PK\x03\x04": "an Excel workbook or another archive: save the sheet as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an Excel workbook: save the sheet as CSV UTF-8",
    b"PAR1": "a Parquet file: import it with format parquet",
    b"\xff\xfe": "UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it as UTF-8",
    b"\x1f\x8b": "compressed: unpack it first",
}


def open_table(path: Path, form: str, wanted: Callable[[list[str]], list[str]]) -> Table:
    """Opens a file as `dossier-sync`, `jsonl`, `csv` or `parquet`.

    `wanted` picks, from the columns that the file has, those that will be read (it may raise InputError).
    """
    if not path.is_file():
        raise InputError(f"{path} is not a file that can be read")
    try:
        if form == "parquet":
            from producers.importing.parquet import open_parquet  # the library takes half a second to load

            return open_parquet(path, wanted)
        file = BufferedReader(FileIO(path), CHUNK)
        try:
            _refuse_foreign(path, file)
            return _open_csv(path, file, wanted) if form == "csv" else _open_json(path, file)
        except InputError:
            file.close()
            raise
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


def _refuse_foreign(path: Path, file: OpenFile) -> None:
    start = file.peek(_PROBE)[:_PROBE]
    if not start.strip():
        raise InputError(f"{path} is empty")
    for magic, kind in _FOREIGN.items():
        if start.startswith(magic):
            raise InputError(f"{path} is {kind}")
    if b"\0" in start.splitlines()[0]:
        raise InputError(f"{path} is no text file")


def _open_json(path: Path, file: OpenFile) -> Table:
    return Table(None, path.stat().st_size, _json_rows(file, pieces(file)), _position(file))


def _position(file: OpenFile) -> Callable[[], int]:
    size = Path(file.name).stat().st_size
    return lambda: size if file.closed else file.tell()


def _json_rows(file: OpenFile, found: Iterator[Piece]) -> Iterator[Row | Broken]:
    with file:
        for line, piece in found:
            if isinstance(piece, str):
                yield Broken(line, piece)
                continue
            try:
                record: Any = msgspec.json.decode(piece)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                yield Broken(line, "expected a JSON object in UTF-8")
                continue
            yield Row(line, record) if isinstance(record, dict) else Broken(line, "expected a JSON object")


def _open_csv(path: Path, file: OpenFile, wanted: Callable[[list[str]], list[str]]) -> Table:
    delimiter = _delimiter(file)
    text = TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline="")
    lines = _Lines(csv.reader(text, delimiter=delimiter, strict=True))
    header = _header(path, lines)
    used = wanted(header)
    for name in used:
        if header.count(name) > 1:
            raise InputError(f"{path} has {header.count(name)} columns named {name!r}")
    places = [(n, name) for n, name in enumerate(header) if name in used]
    return Table(header, path.stat().st_size, _csv_rows(text, lines, len(header), places), _position(file))


def _delimiter(file: OpenFile) -> str:
    """The delimiter: the one that is most often in the first line."""
    start = file.peek(_PROBE)[:_PROBE].removeprefix(BOM).lstrip()
    line = start.splitlines()[0].decode("utf-8", "replace")
    return max(_DELIMITERS, key=line.count)


class _Lines:
    """The rows of a CSV file with the lines they were on; blank lines are left out."""

    def __init__(self, reader: Iterator[list[str]]) -> None:
        self._reader: Any = reader
        self.first = 1

    def __iter__(self) -> Iterator[list[str] | Broken]:
        while True:
            self.first = self._reader.line_num + 1
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
        last = self._reader.line_num
        return reason if last <= self.first else f"{reason} (lines {self.first} to {last})"


def _header(path: Path, lines: _Lines) -> list[str]:
    header = next(iter(lines), [])
    if isinstance(header, Broken):
        raise InputError(f"{path} has no readable header: {header.reason}")
    if not all(map(_is_text, header)):
        raise InputError(f"{path} is not UTF-8: save it as UTF-8")
    return [name.strip() for name in header]


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
