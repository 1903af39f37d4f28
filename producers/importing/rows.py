"""What readers yield, whatever the file's format."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from io import FileIO

    OpenFile: TypeAlias = BufferedReader[FileIO]  # only the stubs know the parameter
else:
    OpenFile = BufferedReader

REASON, PLACE = "emc_reason", "emc_place"
"""Columns of a file of refused rows alone: nothing is read from them where it is imported."""


@dataclass(slots=True)
class Row:
    """One row: its line in the file (in Parquet its number), its values by the file's column names."""

    line: int
    values: Mapping[str, object]


@dataclass(slots=True)
class Broken:
    """A row that cannot be read; `reason` never quotes it."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that cannot be read, in a row whose others can; `reason` never quotes it."""

    reason: str


@dataclass(slots=True)
class Table:
    """An open file. `columns` is None where each row has its own.

    `total` and `done()` measure how far `rows` was read, in bytes or rows. `has_records` says that a line may
    hold several rows, so that their number is to be told beside it. `remarks` are sentences about the file
    as a whole, to be told once.
    """

    columns: list[str] | None
    total: int
    rows: Iterator[Row | Broken]
    done: Callable[[], int]
    has_records: bool = False
    remarks: tuple[str, ...] = ()
