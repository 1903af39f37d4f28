"""How commands behave beside what they tell: help, colours, numbers, and lines while one waits."""

import asyncio
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from cli import printing
from cli.commands.findings import doubtful, show
from cli.main import emc
from cli.runtime import simulated_month, starting
from emc.translation import Language
from tests.cli.processes import emc as run


@pytest.mark.parametrize("family", ["alerts", "mapping"])
def test_a_family_without_a_command_shows_its_help_once(family: str) -> None:
    result = run(family)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("Usage:") == 1
    assert "Commands:" in result.stderr
    assert "Error" not in result.stderr


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_show_them(
    environment: dict[str, str],
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in ({"TERM": "xterm"} | environment).items():
        monkeypatch.setenv(name, value)
    printing.marked("ok", "green", " as it should be")
    assert capsys.readouterr().out == "ok as it should be\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert printing.is_coloured() is expected


def test_measures_have_a_comma_in_vietnamese_and_versions_their_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = "Python 3.12.1, 40 % of 61.8 GiB used, 7.0 GiB free, 0.4 s behind, 1.5 ngày, 10.0.0.1"
    assert printing.units(told) == told
    monkeypatch.setattr(printing, "language", lambda: Language.VI)
    expected = "Python 3.12.1, 40 % of 61,8 GiB used, 7,0 GiB free, 0,4 s behind, 1,5 ngày, 10.0.0.1"
    assert printing.units(told) == expected


def test_a_moment_is_shown_as_it_was_sent() -> None:
    assert printing.exact_moment("2026-03-05T08:30:00.250000+07:00") == "2026-03-05 08:30:00.25"
    assert printing.exact_moment("2026-03-05T08:30:00+07:00") == "2026-03-05 08:30:00"
    assert printing.exact_moment("2026-03-05T08:30:00.000000+07:00") == "2026-03-05 08:30:00"
    assert printing.exact_moment(None) == "–"


def test_every_command_with_a_port_says_what_it_is_without_one() -> None:
    told = {
        name: CliRunner().invoke(emc, [name, "--help"]).output for name in ("up", "demo", "worker", "api")
    }
    for name in ("up", "demo"):
        assert "default: (8000)" in " ".join(told[name].split())
    for name in ("worker", "api"):
        assert "EMC_PORT; default: 0" in " ".join(told[name].split())
        assert "8000 unless" not in told[name]


def test_what_a_start_waits_for_is_told_once_it_takes_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    async def start(patience: float) -> None:
        async with starting.told(patience) as begins:
            begins("Waiting for the data directory …")
            begins("Waiting for the broker …")
            await asyncio.sleep(0.2)

    asyncio.run(start(60))
    assert capsys.readouterr().err == ""
    asyncio.run(start(0.02))
    assert capsys.readouterr().err == "Waiting for the broker …\n"


def test_progress_in_a_file_is_lines_by_stage_or_by_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    for is_staged in (True, False):
        with simulated_month.Lines(Console(file=out), is_staged) as progress:
            task = progress.add_task("Sending   ", total=2, said="")
            progress.update(task, completed=1, said="half")
            progress.update(task, completed=2, said="all")
            progress.update(task, completed=2, said="all")
    assert out.getvalue() == "Sending …\nSending: all\n"
    monkeypatch.setattr(simulated_month, "_LINE_EVERY", 0.0)
    with simulated_month.Lines(Console(file=out), is_staged=False) as progress:
        progress.update(progress.add_task("Reading ", total=2, said=""), completed=1, said="1 row")
    assert out.getvalue().endswith("Reading: 1 row\n")


def test_what_is_found_breaks_between_words_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = "the newest event arrived 2026-11-29 02:10:22 from /agencies/H26/import"
    finding = doubtful("freshness", found, "See docs/connecting.md, or docs/importing.md for files.")
    show(finding, 10)
    plain = capsys.readouterr().out
    assert len(plain.splitlines()) == 2
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    show(finding, 10)
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 60
    assert told.split() == plain.split()


def test_an_export_that_changes_nothing_says_so(tmp_path: Path) -> None:
    export = ("alerts", "export", str(tmp_path / "out"))
    assert CliRunner().invoke(emc, export).stderr == ""
    again = CliRunner().invoke(emc, export)
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr == f"Nothing was written: all files below {tmp_path / 'out'} are so already.\n"
