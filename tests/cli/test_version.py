"""What runs, and whether its tables are as it wants them."""

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from cli.commands.components import tell_pending
from cli.commands.version import LIBRARIES, commit
from sinks.clickhouse.migrate import applied_to, files
from tests.cli.conftest import Service
from tests.cli.processes import done, emc, lines
from tests.engine import embedded_database

NUMBERS = {int(path.name[:4]) for path in files()}


def test_the_version_tells_what_runs() -> None:
    (found,) = lines(done("version", "--json"))
    assert found["version"] == version("emc-monitor")
    assert found["migration"] == max(NUMBERS)
    assert found["libraries"] == {name: version(name) for name in LIBRARIES}
    said = done("version")
    assert f"migration           {max(NUMBERS)}\n" in said


def test_the_commit_is_that_of_the_checkout(tmp_path: Path) -> None:
    assert commit(tmp_path) is None, "an editable install knows none but its checkout's"
    git = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.invalid")
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    assert commit(tmp_path) == head[:12]


def test_a_database_tells_which_migrations_it_has() -> None:
    with embedded_database(migrated=False) as database:
        assert applied_to(database) == set()
        database.create()
        assert applied_to(database) == set()
    with embedded_database() as database:
        assert applied_to(database) == NUMBERS


@pytest.mark.parametrize(
    ("applied", "code", "said"),
    [
        (NUMBERS, 0, "None pending"),
        (NUMBERS - {2}, 1, "Pending: 0002_warnings.sql."),
        (NUMBERS | {9999}, 0, "Unknown here: 9999"),
    ],
)
def test_what_is_pending_is_told_and_counts(
    applied: set[int], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tell_pending(applied, as_json=False) == code
    assert said in capsys.readouterr().out


def test_a_running_service_is_asked_for_its_migrations(service: Service) -> None:
    found = emc("migrate", "--check", "--json", "--data-dir", service.data_dir)
    assert (found.returncode, lines(found.stdout)) == (
        0,
        [{"applied": sorted(NUMBERS), "pending": [], "unknown": []}],
    )
