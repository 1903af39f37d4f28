"""The image's part of the lock: complete in itself, so that nothing has to be resolved when it is built."""

import re

import pytest
from packaging.requirements import Requirement

from deploy.image_requirements import EMBEDDED, main
from tests.setup.lock import ROOT, everywhere, read_pins, read_roots, unmet

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")


def part(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([str(ROOT / "requirements.lock"), *arguments]) == 0
    return capsys.readouterr().out


def python() -> str:
    """The image's Python, `3.11`."""
    (version,) = set(re.findall(r"^FROM python:(3\.\d+)\.", DOCKERFILE, re.MULTILINE))
    return str(version)


def test_what_runs_is_met(capsys: pytest.CaptureFixture[str]) -> None:
    roots = [root for root in read_roots("requirements.in") if Requirement(root).name not in EMBEDDED]
    assert unmet(roots, read_pins(part(capsys)), python(), everywhere) == []


def test_what_is_left_out_would_be_missed(capsys: pytest.CaptureFixture[str]) -> None:
    missed = unmet(read_roots("requirements.in"), read_pins(part(capsys)), python(), everywhere)
    assert {line.split(" requires ")[1].split("=")[0] for line in missed} == EMBEDDED


def test_what_builds_is_met(capsys: pytest.CaptureFixture[str]) -> None:
    assert unmet(["setuptools", "wheel"], read_pins(part(capsys, "build")), python(), everywhere) == []


def test_nothing_is_resolved() -> None:
    installs = re.findall(r"pip install ([^&\\\n]*)", DOCKERFILE)
    assert len(installs) == 3
    assert all("--no-deps" in install.split() for install in installs)
