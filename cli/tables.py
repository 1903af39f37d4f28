"""Tables for people: whole at any width. In a pipe they are lines of fields parted by tabs."""

import os
import shutil
import sys
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Boxes
from rich.text import Text

from cli.printing import aside, put, spoken
from emc.terminal import plain_line

Cell = str | Sequence[str]
"""A text, or several lines."""
_WORD = 30
"""A longer word may be broken where it identifies nothing."""
_MARGIN = 3
_ANY = 100
"""Lines of a terminal: with a width alone, Rich takes a dumb one for 80 columns wide."""


class Table:
    """Rows under headings. `keys` are never broken, nor are `numbers`, which stand on the right.

    What does not fit beside them wraps. Where even that is too narrow, each row is told as a block of lines,
    `heading value`. Before that, `optional` columns are left out at a terminal, the first of them first, and
    named. Nothing is cut, and no control character is printed.
    """

    def __init__(
        self,
        title: str,
        headings: Sequence[str],
        *,
        keys: frozenset[str] = frozenset(),
        numbers: frozenset[str] = frozenset(),
        optional: Sequence[str] = (),
        header: bool = True,
    ) -> None:
        self.title, self.header = plain_line(spoken(title)), header
        self.headings = [plain_line(spoken(heading)) for heading in headings]
        self._optional = [headings.index(name) for name in optional]
        self._whole = [name in keys or name in numbers for name in headings]
        self._numbers = [name in numbers for name in headings]
        self.rows: list[list[list[str]]] = []

    def add_row(self, *cells: Cell) -> None:
        """As many cells as there are headings."""
        lines = ([cell] if isinstance(cell, str) else list(cell) for cell in cells)
        self.rows.append([[plain_line(line) for line in cell] for cell in lines])

    def show(self, boxed: bool = False, titled: bool = True) -> None:
        """Prints it on stdout: in boxes at a terminal, or where that is asked for, else parted by tabs."""
        if boxed or sys.stdout.isatty():
            width = _width(self._natural_width())
            left_out = self._leave_out(width)
            self._show_boxes(width)
            if left_out:
                aside(f"Left out, for want of room: {', '.join(left_out)}; --columns names what to show.")
            return
        if titled and self.title:
            put(self.title)
        if self.header:
            put("\t".join(self.headings))
        for row in self.rows:
            put("\t".join(", ".join(line.replace("\t", " ") for line in cell) for cell in row))

    def _leave_out(self, width: int) -> list[str]:
        """Takes columns out until the rest has room; their headings. None where it never has."""
        kept, left_out = list(range(len(self.headings))), list[int]()
        least = self._least()
        for place in [*self._optional, -1]:
            if sum(least[each] for each in kept) + _MARGIN * len(kept) + 1 <= width:
                break
            if place < 0:
                return []
            kept.remove(place)
            left_out.append(place)
        names = [self.headings[each] for each in sorted(left_out)]
        self.headings = [self.headings[each] for each in kept]
        self._whole = [self._whole[each] for each in kept]
        self._numbers = [self._numbers[each] for each in kept]
        self.rows = [[row[each] for each in kept] for row in self.rows]
        return names

    def _show_boxes(self, width: int) -> None:
        console = Console(highlight=False, width=width, height=_ANY)
        room = width - self._frame()
        least = self._least()
        if sum(least) > room:
            self._show_blocks(console, width)
            return
        made = Boxes(
            title=Text(self.title, style="italic") if self.title else None,
            title_justify="left",
            header_style="bold",
            show_header=self.header,
        )
        for heading, right, given in zip(
            self.headings, self._numbers, self._shared(least, room), strict=True
        ):
            made.add_column(Text(heading), justify="right" if right else "left", width=given, overflow="fold")
        for row in self.rows:
            made.add_row(*(Text("\n".join(cell), overflow="fold") for cell in row))
        console.print(made)

    def _show_blocks(self, console: Console, width: int) -> None:
        if self.title:
            console.print(Text(self.title, style="italic", overflow="fold"))
        indent = max(map(cell_len, self.headings), default=0) + 2
        keys = [each for each, whole in zip(self._natural(), self._whole, strict=True) if whole]
        is_beside = max(keys, default=0) <= width - indent
        for number, row in enumerate(self.rows):
            if number:
                console.print()
            for heading, cell in zip(self.headings, row, strict=True):
                self._show_field(console, heading, Text("\n".join(cell)), indent if is_beside else 0, width)

    def _show_field(self, console: Console, heading: str, value: Text, indent: int, width: int) -> None:
        """Under its heading where that leaves too little room beside it."""
        before = Text(heading.ljust(indent), style="bold") if self.header else Text("")
        if not indent and self.header:
            console.print(before, soft_wrap=True)
            before = Text("")
        for line in value.wrap(console, max(1, width - cell_len(before.plain)), overflow="fold") or [Text()]:
            console.print(before + line, soft_wrap=True)
            before = Text(" " * cell_len(before.plain))

    def _frame(self) -> int:
        return _MARGIN * len(self.headings) + 1

    def _columns(self) -> list[list[str]]:
        """The lines of each column, its heading among them."""
        found = [[heading] if self.header else [""] for heading in self.headings]
        for row in self.rows:
            for column, cell in zip(found, row, strict=True):
                column.extend(cell)
        return found

    def _natural(self) -> list[int]:
        return [max(map(cell_len, column)) for column in self._columns()]

    def _natural_width(self) -> int:
        return sum(self._natural()) + self._frame()

    def _least(self) -> list[int]:
        """How narrow each column may be: whole where it must be, else as wide as its longest word."""
        return [
            natural if whole else min(natural, word, _WORD)
            for natural, whole, word in zip(self._natural(), self._whole, self._words(), strict=True)
        ]

    def _words(self) -> list[int]:
        """The longest word of each column."""
        columns = self._columns()
        return [
            max((cell_len(word) for line in column for word in line.split()), default=1) for column in columns
        ]

    def _shared(self, least: list[int], room: int) -> list[int]:
        """The room that is left, shared among the columns by what they lack: first for words that are whole,
        then for lines that are.
        """
        return _more(_more(least, self._words(), room), self._natural(), room)


def _more(given: list[int], wanted: list[int], room: int) -> list[int]:
    lack = [max(0, most - has) for has, most in zip(given, wanted, strict=True)]
    left, total = room - sum(given), sum(lack)
    if total <= left:
        return [has + more for has, more in zip(given, lack, strict=True)]
    return [has + left * more // total for has, more in zip(given, lack, strict=True)]


def _width(natural: int) -> int:
    """The terminal's; in a file as wide as is needed, unless COLUMNS says otherwise."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return natural
