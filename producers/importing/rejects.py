"""A file of the refused rows, to be mended and imported again: the columns as they were, and the reasons.

Cells that nothing is read from stay empty, and so do people's fields: what an import drops goes into no file
either. `emc_place` says which row of which file it was.
"""

import csv
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Self

import msgspec

from emc.errors import InputError
from producers.importing import fields
from producers.importing.csv_rows import AUTO, named
from producers.importing.judged_rows import JudgedRow
from producers.importing.rows import PLACE, REASON, Unreadable

NULL = "null"
_LINES = (".jsonl", ".json", ".ndjson")


class Rejects:
    """Collects refused rows; `write` makes the file: JSON lines by its name, else CSV.

    `columns` are those of a table; None: the records' own, in the order in which they are met. In CSV an
    empty cell says nothing of a record's field, `null` that it was empty. `spoken`: reasons and places in
    the language of who mends them. `delimiter`: that of the file they are from, where it was said.
    """

    def __init__(
        self, columns: list[str] | None, spoken: Callable[[str], str] = str, delimiter: str | None = None
    ) -> None:
        self._spoken = spoken
        self._delimiter = "," if delimiter in (None, AUTO) else named(delimiter)
        self._columns = (
            None if columns is None else [one for one in columns if one not in (REASON, PLACE)]
        )  # which a file of refused rows has already, when it is imported
        self._met: dict[str, None] = {}
        self._kept: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self.rows = 0

    def add(self, row: JudgedRow) -> None:
        """Keeps the row if it was refused."""
        if not row.refusals:
            return
        reasons = [(one.column, self._spoken(one.reason)) for one in row.refusals]
        told = [f"{column}: {reason}" if column else reason for column, reason in reasons]
        first = row.refusals[0]
        place = f"{row.file}, line {row.line}" + (f", record {first.record}" if first.record else "")
        values = {name: _plain(value) for name, value in row.kept.items()}
        self._met |= dict.fromkeys(values)
        self._kept.write(msgspec.json.encode([values, "; ".join(told), self._spoken(place)]) + b"\n")
        self.rows += 1

    def write(self, path: Path) -> None:
        """Writes the file; InputError when it cannot be written."""
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                self._write_lines(file) if path.suffix.lower() in _LINES else self._write_csv(file)
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror}") from None

    def _rows(self) -> Iterator[tuple[dict[str, Any], str, str]]:
        self._kept.seek(0)
        for line in self._kept:
            values, told, place = msgspec.json.decode(line)
            yield values, told, place

    def _write_lines(self, file: IO[str]) -> None:
        for values, told, place in self._rows():
            file.write(msgspec.json.encode({**values, REASON: told, PLACE: place}).decode() + "\n")

    def _write_csv(self, file: IO[str]) -> None:
        file.write("\ufeff")  # spreadsheets know UTF-8 by it
        columns = list(self._met) if self._columns is None else self._columns
        out = csv.writer(file, delimiter=self._delimiter)
        out.writerow([*columns, REASON, PLACE])
        for values, told, place in self._rows():
            cells = [_cell(values[name], self._columns is None) if name in values else "" for name in columns]
            out.writerow([*cells, told, place])

    def close(self) -> None:
        """Drops what was kept."""
        self._kept.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _plain(value: object) -> object:
    """A value that JSON can hold."""
    if isinstance(value, Unreadable):
        return ""
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _cell(value: object, is_record: bool) -> str:
    if value is None or (is_record and value == ""):
        return NULL if is_record else ""
    if isinstance(value, Mapping | list):
        return msgspec.json.encode(value).decode()
    return fields.as_text(value)
