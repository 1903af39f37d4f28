"""What `--help` prints: summaries whole, two examples of every command, all in the reader's language."""

import re
from collections.abc import Sequence

import click

from cli import printing
from cli.examples import EXAMPLES

_BESIDE = 2
"""Columns between a name and what is said of it."""


class Family(click.Group):
    """A group of commands whose summaries are not cut."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A line or more for each command."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, summary(command)) for name, command in commands if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows, col_spacing=_BESIDE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, with its examples."""
        command = super().get_command(ctx, cmd_name)
        return command and with_examples(command, " ".join((*_names(ctx), cmd_name)))


def with_examples(command: click.Command, name: str) -> click.Command:
    """The command of a full name, as `imports list`, its examples at the end of its help."""
    if name in EXAMPLES:
        command.epilog = "\n".join(("Examples:", "", "\b", *(f"  {line}" for line in EXAMPLES[name])))
    return command


def summary(command: click.Command) -> str:
    """The first sentence of a command's help; the rest is told by the command's own help."""
    return next(iter(sentences(command.help or "")), "")


_NEXT = re.compile(r"(?<=[.!?])(?<!e\.g\.)\s+(?=[A-Z`])")


def sentences(text: str) -> list[str]:
    """Those of a help text, each on a line of its own."""
    return [each for part in text.split("\n\n") for each in _NEXT.split(" ".join(part.split())) if each]


class Formatter(click.HelpFormatter):
    """Writes help in the language of this terminal."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How the command is called."""
        super().write_usage(prog, args, f"{printing.spoken('Usage:')} ")

    def write_heading(self, heading: str) -> None:
        """Above options or commands."""
        super().write_heading(printing.spoken(heading))

    def write_text(self, text: str) -> None:
        """Paragraphs; one that begins with a backspace is not translated."""
        parts = (part if part.startswith("\b") else _told(part) for part in text.split("\n\n"))
        super().write_text("\n\n".join(parts))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Names, and what is said of each; behind it stand variable and default."""
        told = []
        for name, text in rows:
            said, bracket, more = text.partition("  [")
            told.append((name, _told(said) + bracket + _bracketed(more)))
        super().write_dl(told, col_max, col_spacing)


def _told(text: str) -> str:
    return " ".join(map(printing.spoken, sentences(text)))


def _bracketed(text: str) -> str:
    for word in ("env var", "default", "required"):
        text = text.replace(word, printing.spoken(word))
    return text


click.Context.formatter_class = Formatter


def show_error(error: click.ClickException) -> None:
    """What was asked wrongly, and where help is found; help itself where nothing was asked."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):  # a family without a command
        printing.put(error.format_message(), err=True)
        return
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        printing.put(context.get_usage(), err=True)
        printing.say(f"Try '{context.command_path} -h' for help.", err=True)
        printing.put("", err=True)
    printing.say(f"Error: {error.format_message()}", err=True)


def _names(ctx: click.Context) -> list[str]:
    """The names on the way to a context, without the program's."""
    found: list[str] = []
    while ctx.parent is not None:
        found.insert(0, ctx.info_name or "")
        ctx = ctx.parent
    return found
