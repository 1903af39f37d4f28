"""A data directory that no service holds is read, also where nothing may be written."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.runtime.data_directory import hold
from cli.runtime.engine_files import engine_files
from emc.errors import DataDirectoryError
from tests.cli.processes import COMMAND, clean_environment, emc, lines

MAKE = """
import sys
from pathlib import Path
from cli.runtime.data_directory import hold
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
with hold(Path(sys.argv[1]), "up") as held, Database(held.path / "clickhouse") as database:
    migrate(database)
    database.insert("commits", {"agency": ["H25"], "version": [1], "as_of": [0], "written_at": [0],
                                "topic_id": ["t"], "partition": [0], "next_offset": [1]})
"""
READ_ONLY = (
    'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && ! touch "$0/x" 2>/dev/null && exec "$@"'
)


def read_only(folder: Path, *command: object) -> subprocess.CompletedProcess[str]:
    """Runs a command that sees the folder on a file system that is mounted read-only."""
    return subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", READ_ONLY, str(folder), *map(str, command)],
        capture_output=True, text=True, env=clean_environment(), timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with tables that no service holds."""
    folder = tmp_path_factory.mktemp("stopped")
    subprocess.run([sys.executable, "-c", MAKE, str(folder)], check=True, timeout=300)
    return folder


def contents(folder: Path) -> dict[str, float]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_a_read_only_directory_is_read_backed_up_and_left_as_it_is(stopped: Path, tmp_path: Path) -> None:
    (wanted,) = lines(emc("audit", "--json", "--data-dir", stopped).stdout)
    before = contents(stopped)
    found = read_only(stopped, *COMMAND, "audit", "--json", "--data-dir", stopped)
    assert (found.returncode, found.stderr, lines(found.stdout)) == (0, "", [wanted])
    saved = read_only(stopped, *COMMAND, "backup", tmp_path / "saved", "--data-dir", stopped)
    assert saved.stdout.startswith("Backup written into"), saved.stderr
    assert (tmp_path / "saved" / "commits" / "000000.native.zst").exists()
    refused = read_only(stopped, *COMMAND, "up", "--data-dir", stopped)
    assert "cannot be used as data directory (Read-only file system)" in refused.stderr
    assert contents(stopped) == before


def test_what_is_held_is_read_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "clickhouse").mkdir()
    with hold(tmp_path, "up") as held, engine_files(held) as files:
        assert files == held.path / "clickhouse"
    with hold(tmp_path / "empty", "up") as held, pytest.raises(DataDirectoryError, match="no tables yet"):
        engine_files(held).__enter__()
