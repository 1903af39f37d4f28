"""Sheets of XLSX, XLS and ODS workbooks as rows; real date cells come as dates, not as texts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from emc.errors import InputError
from producers.importing.opening import Opened
from producers.importing.rows import Broken, Row, Table, Unreadable

_DURATION = Unreadable("expected a value that is no duration: format the column as a date or a text")

_TITLE, _TABLE, _LOOKED_AT = 2, 4, 20
"""Cells that a title fills at most, columns that a table below titles has at least, rows looked at."""


def open_workbook(opened: Opened, wanted: Callable[[list[str]], list[str]], sheet: str | None) -> Table:
    """Opens one sheet of a workbook, by default the first that holds anything; its first row that is no
    title names the columns.
    """
    book = _book(opened)
    name, rows = _sheet(opened.name, book, sheet)
    titles = _titles(rows)
    rows = rows[titles:]
    cells = rows[0][1] if rows else []
    header = ["" if cell is None else str(cell).strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise InputError(f"{opened.name} is empty")
    used = wanted(header)
    for column in used:
        if header.count(column) > 1:
            raise InputError(f"{opened.name} has {header.count(column)} columns named {column!r}")
    places = [(n, column) for n, column in enumerate(header) if column in used]
    count = [0]
    others = [one for one in book.sheet_names if one != name]
    remarks = [f"of {opened.name}, the sheet {name} is read; others: {', '.join(others)}"] if others else []
    if titles:
        remarks.append(
            f"of {opened.name}, line {rows[0][0]} names the columns; nothing is read from above it"
        )
    found = _rows(rows[1:], places, count)
    return Table(header, max(len(rows) - 1, 0), found, lambda: count[0], remarks=tuple(remarks))


def _titles(rows: list[tuple[int, list[Any]]]) -> int:
    """How many rows stand above those that name the columns: the office, the report's title and its month
    fill one or two cells, where the table below them is wider.
    """
    filled = [sum(cell != "" for cell in cells) for _, cells in rows[:_LOOKED_AT]]
    if max(filled, default=0) < _TABLE:
        return 0
    return next(number for number, cells in enumerate(filled) if cells > _TITLE)


def _book(opened: Opened) -> Any:
    try:
        with opened.file as file:
            return CalamineWorkbook.from_filelike(file)
    except PasswordError:
        raise InputError(f"{opened.name} is locked by a password: save it without") from None
    except (CalamineError, OSError, ValueError):
        raise InputError(f"{opened.name} is not a workbook that can be read (xlsx, xls, ods)") from None


def _sheet(file: str, book: Any, asked: str | None) -> tuple[str, list[tuple[int, list[Any]]]]:
    """The name of the sheet, and its rows that hold anything with their numbers."""
    names = list(book.sheet_names)
    if asked is not None and asked not in names:
        raise InputError(f"{file} has no sheet {asked!r}, expected one of {', '.join(names)}")
    for name in names if asked is None else [asked]:
        try:
            cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except CalamineError:
            raise InputError(f"{file}: the sheet {name} cannot be read") from None
        rows = [(n, row) for n, row in enumerate(cells, start=1) if any(cell != "" for cell in row)]
        if rows or asked is not None:
            return name, rows
    return names[0] if names else "", []


def _rows(
    rows: list[tuple[int, list[Any]]], places: list[tuple[int, str]], count: list[int]
) -> Iterator[Row | Broken]:
    for line, cells in rows:
        count[0] += 1
        yield Row(line, {name: _cell(cells[n]) if n < len(cells) else "" for n, name in places})


def _cell(value: Any) -> object:
    return _DURATION if isinstance(value, timedelta) else value
