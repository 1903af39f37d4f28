"""How commands print: JSON lines for programs, tables for people.

What others wrote is no markup and steers no terminal (`emc.terminal`); nothing prints but through here.
"""

import shutil
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from emc.terminal import json_line, plain_line, plain_lines

_WIDE = 160
_ABSENT = "–"


def line(found: Mapping[str, Any]) -> None:
    """One JSON object on a line of stdout, written out at once."""
    say(json_line(found))


def say(sentence: str, err: bool = False, nl: bool = True) -> None:
    """A sentence, or several lines, for people."""
    click.echo(plain_lines(sentence), err=err, nl=nl)


class PlainConsole(Console):
    """A console to which text is text: a name like `[/x]` or `:smile:` is shown as it is."""

    def render_str(self, text: str, **form: Any) -> Text:
        """The text, without markup, its steering signs shown."""
        return super().render_str(plain_lines(text), **form | {"markup": False, "emoji": False})


def console() -> Console:
    """People's console on stdout; wide when it is a file, so that nothing is cut."""
    out = PlainConsole(highlight=False, soft_wrap=False)
    if not out.is_terminal:
        out.width = max(_WIDE, shutil.get_terminal_size((_WIDE, 24)).columns)
    return out


def errors() -> Console:
    """Progress and remarks, on stderr."""
    return PlainConsole(stderr=True, highlight=False)


def table(title: str, *columns: str, numbers: frozenset[str] = frozenset()) -> Table:
    """An empty table; columns in `numbers` stand on the right."""
    made = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, justify="right" if column in numbers else "left")
    return made


def count(number: int | None) -> str:
    """A whole number, its thousands apart."""
    return _ABSENT if number is None else f"{number:,}".replace(",", " ")


def percent(share: float | None, digits: int = 2) -> str:
    """A share as percent; "no data" is no zero."""
    return _ABSENT if share is None else f"{100 * share:.{digits}f} %"


def text(value: object) -> str:
    """Any other value, on one line; a dash for none."""
    return _ABSENT if value in (None, "") else plain_line(str(value))


def moment(instant: str | None) -> str:
    """An instant, to the second, as people read it; its zone is Asia/Ho_Chi_Minh everywhere."""
    return _ABSENT if not instant else instant[:19].replace("T", " ")
