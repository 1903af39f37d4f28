"""Lists: the one place that knows their forms, for people and for programs."""

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar

import click
import msgspec

from cli import printing
from cli.tables import Cell, Table
from emc.errors import InputError
from emc.nearest import did_you_mean
from emc.terminal import json_line, plain_line

F = TypeVar("F", bound=Callable[..., Any])
Row = Mapping[str, Any]
_PAGE = 500
"""Rows of one table: it must be held whole, and a list may have millions."""


class Column(NamedTuple):
    """A column of the table. `shown` makes its cell of a row; by default of the row's field `name`.

    `key`: it identifies, and is never broken; `number`: it stands on the right; `words`: it says something,
    in the reader's language; `rank`: above 0 it may be left out where there is no room, the greatest first.
    """

    name: str
    heading: str
    shown: Callable[[Row], Cell] | None = None
    key: bool = False
    number: bool = False
    words: bool = False
    rank: int = 0

    def cell(self, row: Row) -> Cell:
        """What stands in the table."""
        found = self._cell(row)
        return printing.spoken(found) if self.words and isinstance(found, str) else found

    def _cell(self, row: Row) -> Cell:
        if self.shown is not None:
            return self.shown(row)
        value = row.get(self.name)
        if self.name.endswith("_at") or self.name in ("last_time", "last_arrival", "as_of"):
            return printing.moment(value)
        if isinstance(value, list):
            return ", ".join(map(str, value)) or printing.text(None)
        return printing.text(value)


class Listing(msgspec.Struct, frozen=True):
    """In which form a list is printed. `columns`: only these, by their names; None: all."""

    form: str | None = None
    columns: tuple[str, ...] | None = None
    header: bool = True

    @property
    def is_for_programs(self) -> bool:
        """Whether nothing but the list itself may stand on stdout."""
        return self.form in ("json", "csv")

    def show(
        self, rows: Iterable[Row], columns: Sequence[Column], title: str = "", empty: str | None = None
    ) -> int:
        """Prints the rows, and how many there are; `empty` is said to people when there is none."""
        ahead = iter(rows)
        first = list(islice(ahead, _PAGE)) if not isinstance(rows, Sequence) else list(rows)
        everything = chain(first, ahead) if not isinstance(rows, Sequence) else iter(first)
        self._check(first, columns)
        if self.form == "json":
            return self._show_json(everything)
        if self.form == "csv":
            return self._show_csv(everything, self.columns or tuple(_names(first)))
        if not first:
            if empty is not None:
                printing.aside(empty)
            return 0
        return self._show_tables(everything, self._chosen(columns), title)

    def _check(self, rows: Sequence[Row], columns: Sequence[Column]) -> None:
        known = list(dict.fromkeys((*(each.name for each in columns), *_names(rows))))
        if self.form in ("json", "csv"):
            known = list(_names(rows))
        unknown = [name for name in self.columns or () if name not in known]
        if rows and unknown:
            raise InputError(
                f"--columns has {unknown[0]!r}, expected of {', '.join(known)}"
                f"{did_you_mean(unknown[0], known)}"
            )

    def _chosen(self, columns: Sequence[Column]) -> list[Column]:
        named = {each.name: each for each in columns}
        return [named.get(name) or Column(name, name) for name in self.columns or named]

    def _optional(self, columns: Sequence[Column]) -> list[str]:
        """What may be left out: nothing, where columns were chosen."""
        if self.columns is not None:
            return []
        ranked = sorted((each for each in columns if each.rank), key=lambda each: -each.rank)
        return [each.heading for each in ranked]

    def _show_json(self, rows: Iterable[Row]) -> int:
        number = 0
        for row in rows:
            printing.line(row if self.columns is None else {name: row.get(name) for name in self.columns})
            number += 1
        return number

    def _show_csv(self, rows: Iterable[Row], names: Sequence[str]) -> int:
        """Names as in JSON; a list or an object in a field is JSON."""
        writer, number = csv.writer(sys.stdout, lineterminator="\n"), 0
        if self.header and names:
            writer.writerow(names)
        for row in rows:
            writer.writerow([_plain(row.get(name)) for name in names])
            number += 1
        return number

    def _show_tables(self, rows: Iterator[Row], columns: Sequence[Column], title: str) -> int:
        number, header = 0, self.header
        while page := list(islice(rows, _PAGE)):
            table = Table(
                title,
                [each.heading for each in columns],
                keys=frozenset(each.heading for each in columns if each.key),
                numbers=frozenset(each.heading for each in columns if each.number),
                optional=self._optional(columns),
                header=header,
            )
            for row in page:
                table.add_row(*(each.cell(row) for each in columns))
            table.show(boxed=self.form == "table", titled=False)
            number += len(page)
            header, title = header and sys.stdout.isatty(), ""
        return number


def _names(rows: Sequence[Row]) -> dict[str, None]:
    """The fields of the rows, in their order."""
    return dict.fromkeys(name for row in rows for name in row)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return plain_line(value if isinstance(value, str) else json_line(value))


def listing(command: F) -> F:
    """The options of a list; the command gets them as `listing`."""

    def taken(context: click.Context, option: click.Parameter, value: Any) -> None:
        said = context.meta.setdefault("cli.listing", {})
        if value is not None and value is not False:
            said[option.name] = value
        form = "json" if "as_json" in said else said.get("form")
        columns = said.get("columns")
        names = None if columns is None else tuple(each.strip() for each in columns.split(","))
        context.params["listing"] = Listing(form, names, "no_header" not in said)

    def option(*names: str, **more: Any) -> Callable[[F], F]:
        return click.option(*names, callback=taken, expose_value=False, **more)

    form = option("--format", "form", type=click.Choice(("table", "csv", "json")),
                  help="Default: a table; in a pipe, fields parted by tabs.")  # fmt: skip
    columns = option("--columns", metavar="NAME[,NAME…]", help="Only these, named as in --json.")
    header = option("--no-header", "no_header", is_flag=True, help="Without the line of headings.")
    as_json = option("--json", "as_json", is_flag=True, help="For programs: JSON, one object a line.")
    return as_json(form(columns(header(command))))
