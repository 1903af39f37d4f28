"""A test that needs an absent tool: skipped and told on a developer's machine, failed in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.wanted import TOOLS, packages_of

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest

@pytest.mark.needs("docker-compose", "amtool")
def test_of_two_tools(): pass

@pytest.mark.skip(reason="not today")
def test_of_another_day(): pass

def test_of_nothing(): pass

@pytest.mark.xfail
def test_of_a_known_fault(): assert False
"""


def outcome(tmp_path: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Runs these tests where no tool is; the exit code and what was printed."""
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    env = {key: value for key, value in os.environ.items() if key != "CI" and not key.startswith("PYTEST")}
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    env |= {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.tools.needing",
        "-p",
        "no:cacheprovider",
        "-p",
        "xdist",
    ]
    done = subprocess.run(
        [*command, *arguments], cwd=tmp_path, env=env | environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("processes", [(), ("--numprocesses=1",)])
def test_a_developer_is_told_what_was_not_tested(processes: tuple[str, ...], tmp_path: Path) -> None:
    code, said = outcome(tmp_path, *processes)
    assert code == 0
    assert "1 passed, 2 skipped, 1 xfailed" in said
    assert (
        "1 tests were skipped, since amtool, docker-compose can't be found: test_it.py::test_of_two_tools. "
        "`.venv/bin/python -m tests.tools` brings that" in said
    )
    assert "apt-get install docker-compose prometheus-alertmanager" in said


def test_in_ci_no_skip_passes(tmp_path: Path) -> None:
    code, said = outcome(tmp_path, CI="true")
    assert code == 1
    assert "1 passed, 1 xfailed, 2 errors" in said
    assert "test_of_two_tools was skipped, which CI does not allow: Skipped: needs" in said
    assert "not today" in said


def test_a_skipped_file_fails_in_ci_too(tmp_path: Path) -> None:
    (tmp_path / "test_whole.py").write_text("import pytest\npytest.importorskip('emc_not_there')\n")
    code, said = outcome(tmp_path)
    assert code == 0, said
    assert "emc_not_there" in outcome(tmp_path, CI="true")[1]


def test_nothing_is_told_when_nothing_is_absent(tmp_path: Path) -> None:
    assert "absent tools" not in outcome(tmp_path, "-k", "nothing")[1]


def test_a_package_is_named_once() -> None:
    assert packages_of([TOOLS["promtool"], TOOLS["prometheus"]]) == ["prometheus"]
