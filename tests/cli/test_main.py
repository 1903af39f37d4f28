"""The command as a whole."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from clickhouse_connect.driver.exceptions import DatabaseError

from cli.examples import EXAMPLES
from cli.help import summary
from cli.main import emc, main
from sinks.clickhouse.failures import failure_of
from tests.cli.processes import clean_environment
from tests.cli.processes import emc as run

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def commands(
    command: click.Command = emc, context: click.Context | None = None
) -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, as `imports list`."""
    context = context or click.Context(emc, info_name="emc")
    if not isinstance(command, click.Group):
        yield " ".join(context.command_path.split()[1:]), command
        return
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from commands(below, click.Context(below, parent=context, info_name=name))


ALL = dict(commands())


@pytest.mark.parametrize("name", ALL)
def test_every_command_says_what_it_does(name: str) -> None:
    command = ALL[name]
    assert command.name == name.split()[-1]
    assert command.help, name
    undocumented = [
        p.name for p in command.params if isinstance(p, click.Option) and p.name != "help" and not p.help
    ]
    assert undocumented == []


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_two_examples_that_can_be_asked(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "event.json").touch()
    told = CliRunner().invoke(emc, [*name.split(), "--help"], catch_exceptions=False).output
    for example in EXAMPLES[name]:
        assert f"\n    {example}\n" in told
        words = shlex.split(example.split(" > ")[0])
        while "=" in words[0]:
            words.pop(0)
        assert words[: len(name.split()) + 1] == ["emc", *name.split()]
        ALL[name].make_context(name, words[len(name.split()) + 1 :], resilient_parsing=False)


def test_every_example_is_of_a_command() -> None:
    assert EXAMPLES.keys() == ALL.keys()


@pytest.mark.parametrize("group", [(), *sorted({(name.split()[0],) for name in ALL if " " in name})])
def test_summaries_are_not_cut(group: tuple[str, ...]) -> None:
    told = CliRunner().invoke(emc, [*group, "--help"], catch_exceptions=False).output
    assert "..." not in told.split("Commands:")[1]
    said = " ".join(told.split())
    for name, command in ALL.items():
        if name.split()[:-1] == list(group):
            assert f" {command.name} {summary(command)}" in said


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


def test_who_reads_no_further_is_no_failure() -> None:
    script = (
        "emc() { " + shlex.quote(sys.executable) + ' -m cli.main "$@"; }; set -o pipefail; '
        "emc definitions --format csv | true; echo $?; emc agencies --format csv | true; echo $?"
    )
    result = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=clean_environment(), timeout=120
    )
    assert (result.stdout.split(), result.stderr) == (["0", "0"], "")


def test_a_full_disk_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "cli.main", "version"]
        result = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env=clean_environment(), timeout=120
        )
    assert (result.returncode, result.stderr) == (1, "emc: No space left on device\n")


def test_tables_of_an_older_program_lead_to_their_migration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = DatabaseError("no such column", code=47, name="UNKNOWN_IDENTIFIER")

    def refuse(**_: object) -> None:
        raise failure_of(refused, "x")

    monkeypatch.setattr(emc, "main", refuse)
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err.endswith("(code 47, UNKNOWN_IDENTIFIER); run emc migrate\n")


def test_an_interruption_while_it_is_loaded_is_one_sentence() -> None:
    loading = """
import sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
from cli.entry import main
main()
"""
    result = subprocess.run([sys.executable, "-c", loading], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "emc: interrupted\n")


def test_an_unknown_command_is_told() -> None:
    result = run("rate")
    assert result.returncode == 2
    assert "No such command 'rate'; did you mean 'rates'?" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_as_documented(shell: str) -> None:
    page = (ROOT / "docs" / "terminal.md").read_text(encoding="utf-8")
    assert f"_EMC_COMPLETE={shell}_source emc" in page
    program = "import sys; sys.argv[0] = 'emc'; from cli.main import main; main()"

    def asked(**environment: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", program], env=clean_environment(**environment), capture_output=True,
            text=True, check=True, cwd=ROOT,
        ).stdout  # fmt: skip

    assert "_EMC_COMPLETE" in asked(_EMC_COMPLETE=f"{shell}_source")
    if shell == "bash":
        found = asked(_EMC_COMPLETE="bash_complete", COMP_WORDS="emc rej", COMP_CWORD="1")
        assert found.strip() == "plain,rejections"
