"""`scripts/setup` in a scratch folder, against a folder of packages with newer releases too."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.setup.lock import ROOT
from tests.setup.wheels import differences, lock_of, write_wheel

PROJECT = """\
[build-system]
requires = []
build-backend = "building"
backend-path = ["."]

[project]
name = "scratch"
version = "1.0"
"""
BUILDING = """\
from pathlib import Path

from tests.setup.wheels import write_wheel


def build_editable(folder, config_settings=None, metadata_directory=None):
    return write_wheel(Path(folder), "scratch", "1.0", ["emcplugin"]).name
"""


pytestmark = pytest.mark.timeout(600)


class Scratch(NamedTuple):
    """A checkout with the scripts of set-up, a lock and nothing else; `offered`: what the registry has."""

    folder: Path
    offered: Path

    def lock(self, *wheels: Path) -> None:
        (self.folder / "requirements.lock").write_text(lock_of(wheels))

    def set_up(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs it without a network and without the user's settings of pip."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.offered), "PIP_CONFIG_FILE": os.devnull}
        env |= {"PYTHON": sys.executable, "PYTHONPATH": str(self.folder)} | environment
        return subprocess.run(
            [self.folder / "scripts" / "setup"], env=env, capture_output=True, text=True, timeout=300
        )

    @property
    def installed(self) -> Path:
        (site_packages,) = self.folder.glob(".venv/lib/python3.*/site-packages")
        return site_packages


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """Without the check of the broker's jars. Its virtual environment is slow to make, so tests share it, and
    offer packages of their own.
    """
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("setup", "python"):
        (folder / "scripts").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "scripts" / name, folder / "scripts" / name)
    (folder / "deploy").mkdir()
    for module in ("jars", "archiving"):
        (folder / "deploy" / f"{module}.py").write_text("")
    (folder / "tests" / "setup").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "setup" / "wheels.py", folder / "tests" / "setup")
    (folder / "building.py").write_text(BUILDING)
    (folder / "pyproject.toml").write_text(PROJECT)
    return Scratch(folder, tmp_path_factory.mktemp("offered"))


def offer(folder: Path, version: str) -> list[Path]:
    """A plug-in that wants an extra of what it is for, as pytest-cov wants coverage[toml]."""
    return [
        write_wheel(folder, "emcplugin", version, ["emccoverage[toml]>=1"]),
        write_wheel(folder, "emccoverage", version, ["emctoml>=1; extra == 'toml'"], extra="toml"),
        write_wheel(folder, "emctoml", version),
    ]


def test_what_is_installed_is_the_lock_whatever_is_offered(scratch: Scratch) -> None:
    locked = offer(scratch.offered, "1.0")
    offer(scratch.offered, "1.0.1")
    offer(scratch.offered, "2.0")
    scratch.lock(*locked)
    done = scratch.set_up()
    assert done.returncode == 0, done.stderr
    assert [found for wheel in locked for found in differences(wheel, scratch.installed)] == []
    names = {path.name.split("-")[0] for path in scratch.installed.glob("*.dist-info")}
    assert names - {"pip", "setuptools"} == {"emcplugin", "emccoverage", "emctoml", "scratch"}
    again = scratch.set_up()
    assert again.returncode == 0, again.stderr


def test_another_file_of_a_locked_version_is_refused(scratch: Scratch) -> None:
    scratch.lock(write_wheel(scratch.offered, "emcaltered", "1.0"))
    write_wheel(scratch.offered, "emcaltered", "1.0", ["emcplugin"])
    done = scratch.set_up()
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert "setup: the packages of requirements.lock could not be installed" in done.stderr


def test_a_lock_that_is_not_complete_is_told(scratch: Scratch) -> None:
    scratch.lock(write_wheel(scratch.offered, "emcalone", "1.0", ["emcnowhere"]))
    (scratch.folder / ".venv" / "ready").unlink(missing_ok=True)
    done = scratch.set_up()
    assert done.returncode == 1
    assert "setup: requirements.lock is not complete" in done.stderr
    assert not (scratch.folder / ".venv" / "ready").exists()


@pytest.mark.parametrize(("version", "code"), [("3.10", 1), ("3.11", 0), ("3.13", 0), ("3.14", 1)])
def test_only_a_python_that_the_lock_is_for_is_chosen(version: str, code: int, tmp_path: Path) -> None:
    """By a stand-in that says its version: no machine has every Python."""
    stand_in = tmp_path / "python3"
    told = tuple(map(int, version.split(".")))
    lie = f"import sys; sys.version_info = {told}; exec(sys.argv[1])"
    stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{lie}" "$2"\n')
    stand_in.chmod(0o755)
    environment = os.environ | {"PYTHON": str(stand_in)}
    found = subprocess.run([ROOT / "scripts" / "python"], env=environment, capture_output=True, text=True)
    assert found.returncode == code
    assert found.stdout == ("" if code else f"{stand_in}\n")
    assert found.stderr.startswith("EMC monitor needs Python 3.11, 3.12 or 3.13" if code else "")
