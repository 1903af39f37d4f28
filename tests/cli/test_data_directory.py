"""Who holds a data directory."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.runtime.data_directory import LOCK, DataDirectory, Holder, hold, service_of, service_or_hold
from emc.errors import DataDirectoryError

HOLD_AND_DIE = """
import os, sys
from pathlib import Path
from cli.runtime.data_directory import hold
held = hold(Path(sys.argv[1]), "up")
held.announce("http://127.0.0.1:1", "127.0.0.1:2")
os.kill(os.getpid(), 9)
"""


def test_a_service_is_found_while_it_holds_the_directory(tmp_path: Path) -> None:
    with hold(tmp_path, "up") as held:
        held.announce("http://127.0.0.1:1", "127.0.0.1:2")
        found = service_of(tmp_path, "rates")
        assert (found.api, found.kafka, found.command) == ("http://127.0.0.1:1", "127.0.0.1:2", "up")
        with pytest.raises(DataDirectoryError, match=r"is held by another process \(`emc up`, process \d+\)"):
            hold(tmp_path, "demo")
    with pytest.raises(DataDirectoryError, match="no service runs on"):
        service_of(tmp_path, "rates")


def test_a_starting_service_is_waited_for_and_then_told(tmp_path: Path) -> None:
    with hold(tmp_path, "up"), pytest.raises(DataDirectoryError, match="does not answer yet"):
        service_or_hold(tmp_path, "rates", patience=0.2)


def test_what_a_killed_service_left_is_harmless(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", HOLD_AND_DIE, str(tmp_path)], check=False)
    assert b"127.0.0.1:1" in (tmp_path / LOCK).read_bytes()
    found = service_or_hold(tmp_path, "rates")
    assert isinstance(found, DataDirectory)
    found.release()


def test_a_directory_without_data_is_not_made_by_a_reading_command(tmp_path: Path) -> None:
    with pytest.raises(DataDirectoryError, match="holds no data of a monitor"):
        service_or_hold(tmp_path / "none", "rates")
    assert not (tmp_path / "none").exists()


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirectoryError, match="cannot be used as data directory"):
        hold(tmp_path / "file" / "data", "up")


def test_a_folder_of_somebody_else_is_not_filled(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(DataDirectoryError, match="holds files, but no data of a monitor"):
        hold(tmp_path, "up")
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.odt"]
    (tmp_path / LOCK).touch()
    hold(tmp_path, "up").release()


@pytest.mark.parametrize("names", [(), ("lost+found",), ("kafka", "clickhouse"), ("worker-1", "worker-2")])
def test_a_folder_that_is_empty_or_ours_is_taken(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    hold(tmp_path, "up").release()


def test_a_holder_says_who_it_is() -> None:
    assert Holder(1, "rates").api is None
