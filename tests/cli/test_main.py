"""The command as a whole."""

import re
import subprocess
import sys
from pathlib import Path

import click

from cli.main import emc
from tests.cli.processes import emc as run

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def test_every_command_says_what_it_does() -> None:
    context = click.Context(emc)
    for name in emc.list_commands(context):
        command = emc.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.help, name
        undocumented = [
            p.name for p in command.params if isinstance(p, click.Option) and p.name != "help" and not p.help
        ]
        assert undocumented == [], name


def test_commands_in_the_readme_exist() -> None:
    commands = set(re.findall(r"^emc ([a-z]+)", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(commands) > 4
    assert commands <= set(emc.list_commands(click.Context(emc)))


def test_who_reads_through_the_api_does_not_wait_for_the_engine_to_load() -> None:
    program = (
        "import sys, cli.main;"
        "from cli.commands import audit, dossiers, explain, rates;"
        "sys.exit('clickhouse_connect' in sys.modules or 'chdb' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_unknown_command_is_told() -> None:
    result = run("rate")
    assert result.returncode == 2
    assert "No such command 'rate'" in result.stderr
