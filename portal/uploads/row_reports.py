"""Two files about the refused rows of an upload: every fault by its place, and the rows to be mended."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import msgspec

from portal.uploads.spool import Folder
from producers.importing import JudgedRow, Refusal
from producers.importing.rejects import Rejects

_encode = msgspec.json.Encoder().encode
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class RowReports:
    """Takes every row, writes what is refused; use as a context. `columns`: those of a table, else None."""

    def __init__(self, folder: Folder, columns: list[str] | None) -> None:
        self._folder = folder
        self._faults = folder.open_new(folder.refusals)
        self._rejects = Rejects(columns)

    def add(self, row: JudgedRow) -> None:
        """Keeps what is wrong with a row, if anything is."""
        for refusal in row.refusals:
            self._faults.write(_encode(refusal) + b"\n")
        self._rejects.add(row)

    def end(self) -> None:
        """Writes the rows to be mended."""
        self._faults.close()
        self._folder.open_new(self._folder.mend).close()  # for its owner alone
        self._rejects.write(self._folder.mend)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._faults.close()
        self._rejects.close()


def report_lines(path: Path, heads: list[str], sentence: Callable[[str], str]) -> Iterator[bytes]:
    """The faults as CSV for spreadsheets: line, record, column and what is wrong, under `heads`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    yield b"\xef\xbb\xbf" + out.getvalue().encode()
    with path.open("rb") as file:
        for line in file:
            out.seek(0)
            out.truncate()
            refusal = msgspec.json.decode(line, type=Refusal)
            column = _harmless(refusal.column or "")
            writer.writerow([refusal.line, refusal.record or "", column, sentence(refusal.reason)])
            yield out.getvalue().encode()


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: a column's name is whatever the file says."""
    return f"'{text}" if text.startswith(_FORMULA) else text
