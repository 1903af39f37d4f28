"""Whatever others wrote is printed as text: no markup, no sign that steers a terminal; in every command."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import printing
from cli.main import emc
from cli.tables import Table
from emc.access import Scope
from emc.terminal import json_line, plain_line, plain_lines
from portal.clickhouse_http import ClickHouseFront
from sinks.access.tokens import TokenStore
from sinks.clickhouse.database import Database
from sinks.readonly.engine import LockedEngine
from tests.cli import processes
from tests.engine import embedded_database, engine_directory

HOSTILE = "[/x]\x1b[2J\x9b1m\x07\x7f\u202e[bold]:smile:"
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]").search
DOSSIER, AGENCY = "H26.16-240305-0001", "H26"
DAY, US = 19783, 1_709_600_000_000_000
MS = US // 1000


def plant(database: Database) -> None:
    """One row of everything that a command prints, its texts hostile."""
    one: dict[str, dict[str, list[Any]]] = {
        "dossiers": {
            "dossier": [DOSSIER], "month": [202403], "procedure": [HOSTILE], "unit": [HOSTILE],
            "received_at": [US], "resolved_at": [US - 10**12], "status": [2],
            "registers": [json.dumps([[US, HOSTILE, {"channel": HOSTILE, "unit": HOSTILE}]])],
        },
        "events": {
            "type": ["dossier"], "subject": [DOSSIER], "time": [US], "id": [HOSTILE], "source": [HOSTILE],
            "data": [json.dumps({"channel": HOSTILE, "unit": HOSTILE})], "arrived_at": [MS],
            "topic_id": ["t"], "partition": [0], "offset": [0], "index": [0],
        },
        "rates": {
            "metric": ["data_reuse"], "definition": ["received"], "period": ["month"], "start": [DAY],
            "numerator": [1], "denominator": [2], "counted": [1], "declared": [1], "is_deleted": [0],
        },
        "commits": {
            "topic_id": ["t"], "partition": [0], "next_offset": [1], "as_of": [US], "written_at": [MS],
        },
        "sources": {"source": [HOSTILE], "last_time": [US], "last_arrival": [MS]},
        "rejections": {
            "reason": [HOSTILE], "path": [HOSTILE], "detail": [HOSTILE], "id": [HOSTILE],
            "subject": [DOSSIER], "source": [HOSTILE],
            "topic": ["emc.events"], "partition": [0], "offset": [0], "index": [0], "rejected_at": [MS],
        },
        "incidents": {"id": ["1"], "begins_at": [US], "text": [HOSTILE]},
        "notices": {"dossier": [DOSSIER], "source": [HOSTILE], "notice": [HOSTILE], "seen_at": [MS]},
        "imports": {
            "id": ["1"], "source": [HOSTILE], "format": [HOSTILE], "kind": [HOSTILE], "files": [[HOSTILE]],
            "digests": [["0"]], "as_of": [US], "imported_at": [MS], "newest": [None],
            "rows": [1], "sent": [0], "refused": [1], "new": [None], "changed": [None], "unchanged": [None],
        },
        "import_refusals": {
            "import": ["1"], "number": [0], "column": [HOSTILE], "reason": [HOSTILE], "rows": [1],
            "examples": [[HOSTILE]],
        },
    }  # fmt: skip
    for table, columns in one.items():
        versioned = {} if table == "notices" else {"version": [1]}
        database.insert(table, {"agency": [AGENCY], **versioned, **columns})
    TokenStore(database).create(HOSTILE, AGENCY, frozenset({Scope.RATES_READ}), None)


@pytest.fixture(scope="module")
def front() -> Iterator[str]:
    """The address of the hostile tables."""
    with embedded_database() as database:
        plant(database)
        served = ClickHouseFront()
        served.start(LockedEngine(engine_directory(), database.name))
        yield f"{served.url}/emc"
        served.stop()


RATE = ("--metric", "identified", "--agency", AGENCY, "--period", "month", "--start", "2024-03-01")
COMMANDS = [
    ("rejections", "list"),
    ("sources",),
    ("dossiers", *RATE),
    ("explain", DOSSIER),
    ("warnings", "--agency", AGENCY),
    ("incidents", "list"),
    ("imports", "list"),
    ("imports", "show", "1"),
    ("token", "list"),
]


@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_every_command_that_lists_prints_text_as_text(
    front: str, command: tuple[str, ...], as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "2000")
    asked = [*command, "--clickhouse", front, *(["--json"] if as_json else [])]
    result = CliRunner().invoke(emc, asked)
    assert result.exit_code == 0, result.output
    assert STEERS(result.output) is None, repr(result.output)
    shown = result.output
    if as_json:
        assert HOSTILE in str(Strings(json.loads(shown.splitlines()[0])))
    else:
        assert plain_line(HOSTILE) in shown


class Strings(list[str]):
    """Every text in an answer, as one text."""

    def __init__(self, found: Any) -> None:
        values = found.values() if isinstance(found, dict) else found
        for value in values:
            self.append(value if isinstance(value, str) else str(Strings(value)) if is_many(value) else "")

    def __str__(self) -> str:
        return "\n".join(self)


def is_many(value: Any) -> bool:
    """Whether it holds further values."""
    return isinstance(value, list | dict)


def test_a_sentence_of_failure_steers_no_terminal(tmp_path: Path) -> None:
    result = processes.emc("rates", "--data-dir", tmp_path / "a\x1b[2Jb")
    assert result.returncode != 0
    assert "a\\x1b[2Jb" in result.stderr
    assert STEERS(result.stderr) is None


def test_titles_cells_and_lines_are_plain(capsys: pytest.CaptureFixture[str]) -> None:
    made = Table(HOSTILE, (HOSTILE,))
    made.add_row(HOSTILE)
    made.show(boxed=True)
    printing.errors().print(HOSTILE)
    printing.say(f"{HOSTILE}\nTỉnh Bắc Ninh")
    out, err = capsys.readouterr()
    assert out.count("[/x]\\x1b[2J\\x9b1m\\x07\\x7f\\u202e[bold]:smile:") == 4
    assert "[/x]" in err
    assert "\nTỉnh Bắc Ninh\n" in out
    assert STEERS(out + err) is None


def test_a_json_line_means_what_was_given() -> None:
    given = {HOSTILE: [HOSTILE, "\U000e0041\u2028é\n", "Tỉnh Bắc Ninh"]}
    line = json_line(given)
    assert json.loads(line) == given
    assert STEERS(line) is None
    assert "Tỉnh Bắc Ninh" in line


def test_lines_ends_stay_where_lines_are_meant() -> None:
    assert plain_lines("a\n\tb\r\x1b") == "a\n\tb\\x0d\\x1b"
    assert plain_line("a\n\tb\ud800") == "a\\x0a\\x09b\\ud800"
