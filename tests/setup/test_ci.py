"""`.ci/run` in a scratch folder with targets that only say that they were called."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.setup.lock import ROOT

MAKEFILE = """\
test:
\t@echo "tests with CI=$$CI and input '$$(cat)'"; {test}
faults:
\t@echo "faults"; {faults}
wheel:
\t@echo "wheel"; {wheel}
"""


@pytest.mark.parametrize(
    ("test", "faults", "wheel", "code"),
    [
        ("true", "true", "true", 0),
        ("exit 1", "true", "true", 1),
        ("true", "exit 3", "true", 1),
        ("true", "true", "exit 1", 1),
    ],
)
def test_every_step_is_run_and_counts(test: str, faults: str, wheel: str, code: int, tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "Makefile").write_text(MAKEFILE.format(test=test, faults=faults, wheel=wheel))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["bash", ".ci/run"], cwd=tmp_path, env=environment, input="asked", capture_output=True, text=True
    )
    assert done.returncode == code
    assert "tests with CI=true and input ''" in done.stdout.splitlines()
    assert {"faults", "wheel"} <= set(done.stdout.splitlines())
    assert done.stdout.count("failed, or took longer than") == code


def test_it_ends_within_ninety_minutes() -> None:
    limits = [
        line.split()[1] for line in (ROOT / ".ci" / "run").read_text().splitlines() if line[:5] == "step "
    ]
    assert all(limit.endswith("m") for limit in limits)
    assert sum(int(limit.removesuffix("m")) for limit in limits) < 90
