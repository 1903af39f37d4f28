"""What `--help` prints: summaries whole, two examples of every command."""

import click

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
    """The first sentence of a command's help."""
    paragraph = " ".join((command.help or "").split("\n\n")[0].split())
    return first_sentence(paragraph)


def first_sentence(paragraph: str) -> str:
    """What stands before the first full stop; the rest is told by the command's own help."""
    sentence, stop, _ = paragraph.partition(". ")
    return sentence + "." if stop else paragraph


def _names(ctx: click.Context) -> list[str]:
    """The names on the way to a context, without the program's."""
    found: list[str] = []
    while ctx.parent is not None:
        found.insert(0, ctx.info_name or "")
        ctx = ctx.parent
    return found
