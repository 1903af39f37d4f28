"""How commands print: JSON lines for programs, tables for people.

What others wrote is no markup and steers no terminal (`emc.terminal`); nothing prints but through here.
"""

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Mapping
from functools import cache
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from emc import settings
from emc.errors import SettingError
from emc.terminal import json_line, plain_line, plain_lines
from emc.translation import Language, speaker
from sinks.queries.reasons import ALL_WORDS

_WIDE = 160
_ABSENT = "–"
_fraction = re.compile(r"\.[0-9]*[1-9]")
_measured = re.compile(r"(?<![0-9.])([0-9]+)\.([0-9]+)(?= ?(?:GiB|MiB|s|%|days?|ngày)(?!\w))")


def line(found: Mapping[str, Any]) -> None:
    """One JSON object on a line of stdout, written out at once."""
    put(json_line(found))


def put(text: str, err: bool = False, nl: bool = True) -> None:
    """A text as it is, but for what would steer a terminal."""
    click.echo(plain_lines(text), err=err, nl=nl)


def say(sentence: str, err: bool = False, nl: bool = True) -> None:
    """A sentence, or several lines, for people, in their language."""
    put(spoken(sentence), err, nl)


def spoken(sentence: str) -> str:
    """The sentence in the language of this terminal."""
    return speaker(language(), at_terminal=True)(sentence)


def because(reasons: str) -> str:
    """Why a dossier counts or does not, in the language of this terminal: one reason, or several in a row."""
    if language() is Language.EN:
        return reasons
    told, left = reasons, reasons
    for words in ALL_WORDS:
        told, left = told.replace(words, spoken(words)), left.replace(words, "")
    return spoken(reasons) if left.strip(", ") else told


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


@cache
def language() -> Language:
    """In which people at this terminal read: EMC_LANG, else that of the locale, else English."""
    try:
        said = settings.current().site.language
    except SettingError:
        said = None  # the error itself is told in the locale's
    if said is not None:
        return Language(said)
    locale = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return Language.VI if locale.startswith("vi") else Language.EN


def marked(mark: str, colour: str, text: str) -> None:
    """A text behind a mark, which is coloured at a terminal that shows colours."""
    click.echo((click.style(mark, fg=colour) if is_coloured() else mark) + plain_lines(text))


def is_coloured() -> bool:
    """Whether stdout is a terminal whose user did not say otherwise (`NO_COLOR`, `TERM=dumb`)."""
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") in ("dumb", "unknown")
    return sys.stdout.isatty() and not is_plain


def aside(sentence: str) -> None:
    """A remark beside a list: on stdout at a terminal, on stderr where the list goes into a pipe."""
    put(wrapped(spoken(sentence)), err=not sys.stdout.isatty())


def wrapped(line: str, indent: str = "") -> str:
    """A line that breaks between words where the terminal is narrower; as it is where there is none."""
    if not sys.stdout.isatty():
        return line
    width = shutil.get_terminal_size().columns
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def count(number: int | None) -> str:
    """A whole number, its thousands apart: `11 000`, in Vietnamese `11.000`."""
    apart = "." if language() is Language.VI else " "
    return _ABSENT if number is None else f"{number:,}".replace(",", apart)


def percent(share: float | None, digits: int = 2) -> str:
    """A share as percent; "no data" is no zero."""
    if share is None:
        return _ABSENT
    return decimal(f"{100 * share:.{digits}f} %")


def decimal(written: str) -> str:
    """A number with a decimal point, in Vietnamese with a comma."""
    return written.replace(".", ",") if language() is Language.VI else written


def text(value: object) -> str:
    """Any other value, on one line; a dash for none."""
    return _ABSENT if value in (None, "") else plain_line(str(value))


def moment(instant: str | None) -> str:
    """An instant, to the second, as people read it; its zone is Asia/Ho_Chi_Minh everywhere."""
    return _ABSENT if not instant else instant[:19].replace("T", " ")


def place(rejection: Mapping[str, Any]) -> str:
    """By what a refused event is named: where it stood in the topic."""
    return f"{rejection['partition']}:{rejection['offset']}:{rejection['index']}"


def exact_moment(instant: str | None) -> str:
    """The same, with what was sent of a second's fraction."""
    found = _fraction.match(instant or "", 19)
    return moment(instant) + (found[0].rstrip("0") if found else "")


def units(told: str) -> str:
    """A sentence whose numbers with a unit have a decimal comma in Vietnamese; versions keep their point."""
    return _measured.sub(r"\1,\2", told) if language() is Language.VI else told
