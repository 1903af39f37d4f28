"""The lock as `make lock` writes it, and what its distributions require: is all of it met?"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
SOME_PYTHONS = ROOT / "scripts" / "requires-on-some-pythons.json"
"""What those require that not every Python has, so that any Python can be judged on any other."""
PYTHONS = ("3.11", "3.12", "3.13")

Requires = Callable[[str, str], list[str] | None]
"""Name and version to the texts of `Requires-Dist`; None when that is not known."""


@dataclass(frozen=True)
class Pin:
    """One line of the lock: a distribution, and for which environments."""

    name: str
    version: str
    requirement: Requirement


def read_pins(text: str) -> list[Pin]:
    """The distributions of a lock; hashes and remarks are left out."""
    lines = (line.rstrip("\\ ") for line in text.splitlines() if line[:1].isalnum())
    return [_pin(Requirement(line)) for line in lines]


def _pin(requirement: Requirement) -> Pin:
    (specifier,) = requirement.specifier
    return Pin(canonicalize_name(requirement.name), specifier.version, requirement)


def environment(python: str) -> dict[str, str]:
    """The markers' values for that CPython on Linux x86_64."""
    linux = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
    cpython = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    version = {"python_version": python, "python_full_version": f"{python}.0"}
    return {**default_environment(), **linux, **cpython, **version, "platform_machine": "x86_64", "extra": ""}  # type: ignore[dict-item]


def locked(pins: Iterable[Pin], python: str) -> dict[str, str]:
    """Name to version of what is installed there; ValueError when a name is locked twice."""
    found: dict[str, str] = {}
    for pin in pins:
        if holds(pin.requirement, environment(python)):
            if pin.name in found:
                raise ValueError(f"{pin.name} is locked twice for Python {python}")
            found[pin.name] = pin.version
    return found


def holds(requirement: Requirement, given: Mapping[str, str]) -> bool:
    """Whether the requirement's marker holds."""
    return requirement.marker is None or requirement.marker.evaluate(dict(given))


def unmet(roots: Iterable[str], pins: Iterable[Pin], python: str, requires: Requires) -> list[str]:
    """What the roots and the locked distributions require, extras included, and the lock does not give."""
    versions = locked(pins, python)
    given = environment(python)
    waiting = [("requirements", Requirement(text)) for text in roots]
    waiting += [("the lock", Requirement(name)) for name in versions]
    seen: set[tuple[str, str]] = set()
    wrong: list[str] = []
    while waiting:
        asker, wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        version = versions.get(name)
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            wrong.append(f"{asker} on Python {python} requires {wanted}, locked is {version}")
            continue
        for extra in {"", *wanted.extras} - {extra for known, extra in seen if known == name}:
            seen.add((name, extra))
            told = requires(name, version)
            if told is None:
                wrong.append(f"what {name} {version} requires is not known: run `make lock`")
                continue
            parts = [Requirement(text) for text in told]
            waiting += [(name, part) for part in parts if holds(part, {**given, "extra": extra})]
    return sorted(set(wrong))


def installed(name: str, version: str) -> list[str] | None:
    """What a distribution requires that is installed here in that version."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    return list(found.requires or []) if Version(found.version) == Version(version) else None


def everywhere(name: str, version: str) -> list[str] | None:
    """What a distribution requires, installed here or not."""
    told = installed(name, version)
    if told is None:
        elsewhere: dict[str, list[str]] = json.loads(SOME_PYTHONS.read_text("utf-8"))
        return elsewhere.get(f"{name}=={version}")
    return told


def read_roots(*names: str) -> list[str]:
    """The requirements of `requirements.in` and its like."""
    lines = [
        line.partition("#")[0].strip() for name in names for line in (ROOT / name).read_text().splitlines()
    ]
    return [line for line in lines if line]
