"""How tests are handed to several processes."""

import re
import subprocess
import sys
from pathlib import Path

from tests.turns import ROOT, group_of, turn_of

MANY = """\
import pytest


@pytest.mark.parametrize("number", range(8))
def test_of_many(number):
    pass
"""


def test_files_of_a_costly_fixture_stay_together() -> None:
    assert group_of("tests/cli/test_status.py") == group_of("tests/cli/test_token.py") == "tests/cli"
    assert group_of("tests/dashboards/test_panel_queries.py") == "tests/dashboards"
    assert group_of("tests/cli/test_tables.py") == "tests/cli/test_tables.py"


def test_the_long_ones_are_begun_first() -> None:
    assert (
        turn_of("tests/cli/test_status.py")
        < turn_of("tests/streams/test_rooms.py")
        < turn_of("tests/emc/x.py")
    )


def test_a_file_stays_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "conftest.py").write_text(
        "from tests.turns import Turns\n"
        "def pytest_xdist_make_scheduler(config, log): return Turns(config, log)\n"
    )
    for name in "abcd":
        (tmp_path / f"test_{name}.py").write_text(MANY)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-n2",
        "--dist=loadfile",
        "-p",
        "no:schemathesis",
        str(tmp_path),
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    ran = set(re.findall(r"\[(gw\d)\] .* (test_\w\.py)::", done.stdout))
    assert {file for _, file in ran} == {f"test_{name}.py" for name in "abcd"}
    assert len(ran) == 4
    assert {process for process, _ in ran} == {"gw0", "gw1"}
