"""The unit of a service on one machine: systemd accepts it, and it gives away little."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.commands.up import up
from tests.tools import wanted

UNIT = Path(__file__).parents[2] / "deploy" / "systemd" / "emc.service"


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = str(wanted.path_of("systemd-analyze"))
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120)


@pytest.mark.needs("systemd-analyze")
def test_systemd_accepts_the_unit_and_finds_little_exposed(tmp_path: Path) -> None:
    unit = tmp_path / "emc.service"
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/emc/bin/emc", sys.executable), "utf-8")
    found = analyze("verify", "--man=no", unit)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")
    exposed = analyze("security", "--offline=true", "--threshold=25", "--no-pager", unit)
    assert exposed.returncode == 0, exposed.stdout


def test_its_command_is_one_that_emc_takes() -> None:
    (line,) = [line for line in UNIT.read_text("utf-8").splitlines() if line.startswith("ExecStart=")]
    program, command, *options = line.removeprefix("ExecStart=").split()
    assert (program, command) == ("/opt/emc/bin/emc", "up")
    assert up.make_context("up", options).params["data_dir"] == Path("/var/lib/emc")
