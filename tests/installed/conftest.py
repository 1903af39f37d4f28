"""The program as `pip install` of its wheel leaves it, and a scratch folder to work in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.processes import PORTS, clean_environment

ROOT = Path(__file__).parents[2]


class Installed:
    """The program in `place`; commands run in `folder`, where the checkout is not."""

    def __init__(self, place: Path, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.environment = {
            name: value for name, value in clean_environment().items() if name not in PORTS
        } | {"PYTHONPATH": str(place), "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """What a shell makes of a command."""
        return subprocess.run(
            command, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=300, check=False,
        )  # fmt: skip

    def python(self, program: str) -> subprocess.CompletedProcess[str]:
        """Runs a program in Python."""
        return subprocess.run(
            [sys.executable, "-c", program], cwd=self.folder, env=self.environment, capture_output=True,
            text=True, timeout=300, check=False,
        )  # fmt: skip


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Built of what is committed or to be, without an earlier build's leftovers; no registry is asked."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    place = tmp_path_factory.mktemp("place")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    quiet = ("--no-deps", "--no-index")
    subprocess.run(
        [*pip, "wheel", *quiet, "--no-build-isolation", "--wheel-dir", str(source / "dist"), str(source)],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    (wheel,) = (source / "dist").glob("*.whl")
    subprocess.run([*pip, "install", *quiet, "--target", str(place), str(wheel)], check=True)
    shutil.rmtree(source)
    return Installed(place, tmp_path_factory.mktemp("elsewhere"))
