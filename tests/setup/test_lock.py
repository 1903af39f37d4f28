"""The lock is a complete answer for every supported Python: set-up installs it without resolving anything."""

import re
import tomllib

import pytest

from tests.setup.lock import PYTHONS, ROOT, Requires, everywhere, locked, read_pins, read_roots, unmet

LOCK = ROOT / "requirements.lock"

MADE_UP = """\
plugin==1.0 \\
    --hash=sha256:00
    # via -r requirements.in
coverage==7.0 ; python_full_version < '3.13' \\
    --hash=sha256:00
coverage==8.0 ; python_full_version >= '3.13' \\
    --hash=sha256:00
"""


def made_up(plugin: str, toml: str = "tomli; extra == 'toml'") -> Requires:
    return lambda name, _: {"plugin": [plugin], "coverage": [toml]}.get(name, [])


@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_is_met_by_the_lock(python: str) -> None:
    roots = read_roots("requirements.in", "requirements-dev.in")
    assert unmet(roots, read_pins(LOCK.read_text("utf-8")), python, everywhere) == []


def test_the_supported_pythons_are_those_that_are_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert declared["requires-python"] == ">=3.11,<3.14"
    named = re.search(r"for name in \$\{PYTHON:-([^}]*)\}", (ROOT / "scripts" / "python").read_text("utf-8"))
    assert named is not None
    assert {f"python{python}" for python in PYTHONS} == set(named[1].split()) - {"python3"}


@pytest.mark.parametrize(
    ("plugin", "python", "said"),
    [
        ("coverage[toml]>=7", "3.12", ["coverage on Python 3.12 requires tomli"]),
        ("coverage<8", "3.13", ["plugin on Python 3.13 requires coverage<8, locked is 8.0"]),
        ("coverage<8", "3.12", []),
        ("other", "3.11", ["plugin on Python 3.11 requires other, locked is None"]),
        ("other; sys_platform == 'win32'", "3.11", []),
        ("coverage[none]", "3.11", []),
    ],
)
def test_what_is_missing_is_found(plugin: str, python: str, said: list[str]) -> None:
    found = unmet(["plugin"], read_pins(MADE_UP), python, made_up(plugin))
    assert len(found) == len(said)
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True))


def test_a_requirement_in_a_cycle_ends() -> None:
    assert unmet(["plugin"], read_pins(MADE_UP), "3.11", made_up("coverage[toml]", "plugin[all]")) == []


def test_a_distribution_of_which_nothing_is_known_is_told() -> None:
    found = unmet([], read_pins(MADE_UP), "3.11", lambda *_: None)
    assert "what coverage 7.0 requires is not known: run `make lock`" in found


def test_a_name_is_locked_once_for_each_python() -> None:
    with pytest.raises(ValueError, match="plugin is locked twice"):
        locked(read_pins(MADE_UP + "plugin==2.0\n"), "3.11")
