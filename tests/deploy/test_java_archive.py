"""What Java has ready for the broker: used where it fits, and never in the way."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import archiving, jars, java_archive
from deploy.broker import Broker
from deploy.kafka_process import java_command

TOOL = "kafka.tools.StorageTool"
READY = "shared objects file"
"""Where Java says that a class came from that was in an archive."""


@pytest.fixture(scope="module")
def made() -> bytes:
    """The archive that `make setup` made."""
    return archiving.make(jars.class_path()).read_bytes()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: bytes) -> Path:
    """A copy in a cache of this test, for the same jars."""
    cache = tmp_path / "emc-monitor" / "jars"
    monkeypatch.setattr(java_archive, "cache_directory", lambda: cache)
    copy = java_archive.archive_of(jars.class_path())
    copy.parent.mkdir(parents=True)
    copy.write_bytes(made)
    return copy


def loaded_from(folder: Path) -> str:
    """Runs a tool of Kafka's, which must complain of nothing; tells where Java took it from."""
    log, class_path = folder / "loaded", jars.class_path()
    options = (*java_archive.options(class_path), f"-Xlog:class+load:file={log}")
    command = [*java_command(folder, class_path, options), TOOL, "random-uuid"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (len(done.stdout.split()), done.stderr) == (1, "")
    (line,) = [line for line in log.read_text("utf-8").splitlines() if f" {TOOL} " in line]
    return line.partition("source: ")[2]


def test_a_broker_uses_what_setup_made(made: bytes, broker: Broker) -> None:
    options = java_archive.options(jars.class_path())
    command = Path(f"/proc/{broker.pid}/cmdline").read_bytes().decode().split("\0")
    assert options
    assert set(options) <= set(command)


def test_classes_come_from_the_archive(archive: Path, tmp_path: Path) -> None:
    assert loaded_from(tmp_path) == READY


@pytest.mark.parametrize(
    "damage",
    [
        lambda good: good[:1000],
        lambda good: b"x" * len(good),
        lambda good: (
            good[: len(good) // 2] + bytes([good[len(good) // 2] ^ 255]) + good[len(good) // 2 + 1 :]
        ),
    ],
    ids=["cut off", "something else", "one byte"],
)
def test_a_damaged_archive_is_not_used(
    archive: Path, tmp_path: Path, made: bytes, damage: Callable[[bytes], bytes]
) -> None:
    archive.write_bytes(damage(made))
    assert loaded_from(tmp_path).startswith("file:")


def test_an_archive_of_other_jars_is_not_used(archive: Path, tmp_path: Path) -> None:
    others = []
    for number, jar in enumerate(jars.class_path()):
        others.append(tmp_path / f"{number}-{jar.name}")
        others[-1].symlink_to(jar)
    assert java_archive.archive_of(others) != archive
    archive.rename(java_archive.archive_of(others))  # as if it were theirs
    command = [*java_command(tmp_path, others, java_archive.options(others)), TOOL, "random-uuid"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (len(done.stdout.split()), done.stderr) == (1, "")


@pytest.mark.parametrize("which", ["archive", "folder"])
def test_what_others_could_write_is_not_used(archive: Path, which: str) -> None:
    assert java_archive.options(jars.class_path())
    path = archive if which == "archive" else archive.parent
    path.chmod(path.stat().st_mode | 0o002)
    assert java_archive.options(jars.class_path()) == ()


def test_where_it_cannot_be_kept_setup_says_so_and_goes_on(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive.unlink()
    archive.parent.rmdir()
    archive.parent.write_text("a file")
    assert archiving.main() == 0
    assert "The broker will start slowly" in capsys.readouterr().err
    assert java_archive.options(jars.class_path()) == ()


def test_only_the_newest_archives_are_kept(archive: Path, tmp_path: Path) -> None:
    for age in range(1, 5):
        older = archive.with_name(f"{age}.jsa")
        older.touch()
        os.utime(older, (archive.stat().st_mtime - age,) * 2)
    archiving.remove_old(archive.parent)
    assert {path.name for path in archive.parent.iterdir()} == {archive.name, "1.jsa", "2.jsa"}
