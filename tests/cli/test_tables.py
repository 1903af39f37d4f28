"""Tables and lists, as they reach a terminal, a pipe and a program."""

import csv
import io
import json
import sys
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner

from cli.listing import Column, Listing, listing
from cli.tables import Table
from emc.errors import InputError
from emc.nearest import did_you_mean

CODES = [f"000.00.16.H25-240305-{number:012}" for number in range(1, 4)]
ROWS = [
    {
        "dossier": code,
        "reason": "its channel is not online and " * 3,
        "days": 4_000 + number,
        "of": ["a", "b"],
    }
    for number, code in enumerate(CODES)
]
COLUMNS = (
    Column("dossier", "Dossier", key=True),
    Column("reason", "Reason"),
    Column("days", "Days", number=True),
)


class Terminal(io.StringIO):
    """What a terminal is given."""

    def isatty(self) -> bool:
        return True


def on_terminal(width: int, show: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a terminal of that width is given, line by line."""
    terminal = Terminal()
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys, "stdout", terminal)
    show()
    return terminal.getvalue().splitlines()


def test_words_are_not_broken_while_lines_can_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"metric": "full_online_supply (eligible)", "reason": "its channel is not online " * 4, "of": 7}
    columns = (Column("metric", "Metric"), Column("reason", "Reason"), Column("of", "Of", number=True))
    told = "\n".join(on_terminal(50, lambda: Listing().show([row], columns), monkeypatch))
    assert "full_online_supply" in told


@pytest.mark.parametrize("width", [30, 45, 60, 80, 100])
def test_no_word_is_broken_at_any_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (
        "Trung ương",
        "resolved_before_received",
        "/agencies/H25/one-stop",
        "2026-03-05 08:30:00",
        "partially",
    )
    row = {word: f"{word} of it" for word in words}
    columns = tuple(Column(word, word) for word in words)
    told = on_terminal(width, lambda: Listing().show([row], columns), monkeypatch)
    text = "\n".join(told)
    assert [part for word in words for part in word.split() if part not in text] == []
    assert max(map(len, told)) <= width


@pytest.mark.parametrize("width", [40, 80, 120])
def test_what_identifies_is_never_cut_nor_broken(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = on_terminal(width, lambda: Listing().show(ROWS, COLUMNS, "Dossiers"), monkeypatch)
    text = "\n".join(told)
    assert all(code in text for code in CODES)
    assert "…" not in text
    assert max(map(len, told)) <= width


def test_columns_of_less_weight_are_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = (*COLUMNS, Column("of", "Of what", lambda row: "x" * 30, key=True, rank=1))
    told = on_terminal(80, lambda: Listing().show(ROWS, columns), monkeypatch)
    assert told[-1] == "Left out, for want of room: Of what; --columns names what to show."
    assert "│" in told[4]
    assert "xxx" not in "\n".join(told)
    wide = on_terminal(140, lambda: Listing().show(ROWS, columns), monkeypatch)
    assert "x" * 30 in "\n".join(wide)
    chosen = on_terminal(
        80, lambda: Listing(columns=("dossier", "days", "of")).show(ROWS, columns), monkeypatch
    )
    assert "x" * 30 in "\n".join(chosen)


def test_a_code_wider_than_the_terminal_is_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    told = on_terminal(24, lambda: Listing().show(ROWS[:1], COLUMNS), monkeypatch)
    assert CODES[0] in "".join(told)


def test_what_is_not_a_key_wraps_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    told = on_terminal(80, lambda: Listing().show(ROWS[:1], COLUMNS), monkeypatch)
    said = " ".join(word for line in told for word in line.replace("│", " ").split())
    assert said.count("channel") == 3


def test_a_pipe_gets_fields_parted_by_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    Listing().show(ROWS, COLUMNS, "Dossiers")
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Dossier\tReason\tDays"
    assert [line.split("\t")[0] for line in told[1:]] == CODES
    assert "\x1b" not in "".join(told)


def test_nothing_but_rows_where_no_header_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for form in (None, "csv"):
        Listing(form, header=False).show(ROWS, COLUMNS, "Dossiers")
        assert len(capsys.readouterr().out.splitlines()) == len(ROWS)


def test_the_remark_of_an_empty_list_stays_out_of_the_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    Listing().show([], COLUMNS, empty="There are none.")
    assert capsys.readouterr() == ("", "There are none.\n")


def test_csv_has_the_names_and_values_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    Listing("csv").show(ROWS, COLUMNS)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["dossier"] for row in rows] == CODES
    assert (rows[0]["days"], json.loads(rows[0]["of"])) == ("4000", ["a", "b"])


@pytest.mark.parametrize("form", ["json", "csv", None])
def test_chosen_columns(form: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    Listing(form, ("of", "dossier")).show(ROWS[:1], COLUMNS)
    told = capsys.readouterr().out
    assert "channel" not in told
    assert told.index("of") < told.index(CODES[0])


def test_a_column_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="did you mean 'dossier'"):
        Listing("csv", ("dosier",)).show(ROWS, COLUMNS)


def test_more_rows_than_a_table_holds_have_one_header(capsys: pytest.CaptureFixture[str]) -> None:
    assert Listing().show(({"dossier": str(number)} for number in range(1_001)), COLUMNS[:1]) == 1_001
    assert capsys.readouterr().out.splitlines().count("Dossier") == 1


HOSTILE = "[/x] [bold]\x1b[31m\x07 \u202egnp.exe\n2"


@pytest.mark.parametrize("boxed", [True, False])
def test_texts_of_others_control_nothing(boxed: bool, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("", ("Code", "Name"))
    table.add_row("H25", HOSTILE)
    table.show(boxed)
    told = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\u202e"} & set(told)
    assert "[/x] [bold]\\x1b[31m\\x07" in told


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], Listing()),
        (["--json"], Listing("json")),
        (["--format", "csv", "--no-header"], Listing("csv", None, False)),
        (["--columns", "a, b"], Listing(None, ("a", "b"))),
    ],
)
def test_the_options_of_a_list(arguments: list[str], expected: Listing) -> None:
    seen: list[Any] = []

    @click.command()
    @listing
    def command(listing: Listing) -> None:
        seen.append(listing)

    CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert seen == [expected]


@pytest.mark.parametrize(("name", "meant"), [("h25", "H25"), ("data_resue", "data_reuse"), ("zzz", None)])
def test_what_was_meant(name: str, meant: str | None) -> None:
    told = did_you_mean(name, ("H25", "data_reuse"))
    assert told == (f"; did you mean {meant!r}?" if meant else "")
