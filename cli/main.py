"""The command `emc`: every family of commands has a module of its own."""

import contextlib
import logging
import os
import sys

import click

from cli import printing
from cli.help import Family, show_error, with_examples
from emc import settings
from emc.errors import EmcError, InputError, SettingError
from emc.nearest import did_you_mean

_FAMILIES = {
    "up": "cli.commands.up:up",
    "demo": "cli.commands.demo:demo",
    "worker": "cli.commands.workers:worker",
    "api": "cli.commands.workers:api",
    "gateway": "cli.commands.workers:gateway",
    "simulate": "cli.commands.simulate:simulate",
    "import": "cli.commands.imports:import_",
    "imports": "cli.commands.import_record:imports",
    "mapping": "cli.commands.mapping:mapping",
    "rates": "cli.commands.rates:rates",
    "dossiers": "cli.commands.dossiers:dossiers",
    "explain": "cli.commands.explain:explain",
    "why": "cli.commands.why:why",
    "definitions": "cli.commands.definitions:definitions",
    "agencies": "cli.commands.agencies:agencies",
    "registry": "cli.commands.registry:registry",
    "check": "cli.commands.check:check",
    "rejections": "cli.commands.rejections:rejections",
    "sources": "cli.commands.sources:sources",
    "incidents": "cli.commands.incidents:incidents",
    "reconcile": "cli.commands.reconcile:reconcile",
    "objections": "cli.commands.objections:objections",
    "snapshots": "cli.commands.snapshots:snapshots",
    "warnings": "cli.commands.warnings:warnings",
    "audit": "cli.commands.audit:audit",
    "token": "cli.commands.token:token",
    "rebuild": "cli.commands.rebuild:rebuild",
    "erase": "cli.commands.erase:erase",
    "backup": "cli.commands.backup:backup",
    "restore": "cli.commands.backup:restore",
    "migrate": "cli.commands.components:migrate",
    "topics": "cli.commands.components:topics",
    "status": "cli.commands.status:status",
    "version": "cli.commands.version:version",
    "doctor": "cli.commands.doctor:doctor",
    "dashboards": "cli.commands.dashboards:dashboards",
    "alerts": "cli.commands.alerts:alerts",
}


class Commands(Family):
    """Loads a command when it is asked for: `emc rates` need not wait for the stream's libraries."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one meets them."""
        return list(_FAMILIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in _FAMILIES:
            return None
        module, _, name = _FAMILIES[cmd_name].partition(":")
        found: click.Command = getattr(__import__(module, fromlist=[name]), name)
        return with_examples(found, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command. That the reader of a pipe has seen enough is no failure, as `click` has it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _write_nowhere()
            raise click.exceptions.Exit(0) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is asked for; of one that is none, the nearest is named."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            error.message = error.message.rstrip(".") + (did_you_mean(args[0], _FAMILIES) or ".")
            raise


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="emc-monitor", prog_name="emc")
def emc() -> None:
    """EMC monitor: rates of digital public services, computed live from dossier events.

    Exit codes: 0 done, 1 it failed or something was refused, 2 it was asked wrongly.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries complain about we say in our words
    for sentence in settings.unknown(os.environ):
        printing.put(f"emc: {printing.spoken(sentence)}", err=True)
    settings.current()


def main() -> None:
    """Runs the command; what a user can cause or must act on is one sentence, not a traceback."""
    try:
        code = emc.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as ending:
        code = ending.exit_code
    except click.ClickException as error:
        show_error(error)
        code = error.exit_code
    except click.Abort:
        code = _fail("interrupted", 130)
    except BrokenPipeError:  # likewise, of help
        _write_nowhere()
        code = 0
    except EmcError as error:
        code = _fail(str(error), 2 if isinstance(error, InputError | SettingError) else 1)
    except OSError as error:
        _write_nowhere()
        code = _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _write_nowhere() -> None:
    """What is left of the output, so that the end of the process does not try in vain to write it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str, code: int) -> int:
    printing.put(f"emc: {printing.spoken(sentence)}", err=True)
    return code


if __name__ == "__main__":
    main()
