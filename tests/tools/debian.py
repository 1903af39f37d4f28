"""Debian's packages without root: apt chooses and checks them in folders of its own, then they are unpacked.

apt is told what the system has, so only what is missing comes along; signatures are checked as ever.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from emc.errors import ComponentError

PATIENCE = 600
OF_THE_SYSTEM = "libc6_"
"""The C library fits its loader, which is the system's: never a second one."""


class Apt:
    """apt-get with its state below `folder`; `sources`: a list of repositories instead of the system's."""

    def __init__(self, folder: Path, sources: Path | None = None) -> None:
        self.folder = folder
        for name in ("state/lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        settings: dict[str, object] = {
            "Dir::State": folder / "state",
            "Dir::State::status": "/var/lib/dpkg/status",
            "Dir::Cache": folder / "cache",
            "Acquire::Retries": 2,
            "Acquire::http::Timeout": 30,
            "APT::Update::Error-Mode": "any",
            "Debug::NoLocking": 1,  # the system's lock guards the system, which is left as it is
            "APT::Sandbox::User": "",  # folders of a user's own are not for the user _apt
        }
        if sources:
            settings |= {"Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "/dev/null"}
        self._options = [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]

    def update(self) -> None:
        """Fetches the lists of packages; ComponentError when they can't be had."""
        self._run("update")

    def download(self, packages: Sequence[str]) -> list[Path]:
        """The archives of these packages and of all that they need and the system has not."""
        archives = self.folder / "cache" / "archives"
        for old in archives.glob("*.deb"):
            old.unlink()
        self._run("install", "--yes", "--no-install-recommends", "--download-only", *packages)
        return [path for path in sorted(archives.glob("*.deb")) if not path.name.startswith(OF_THE_SYSTEM)]

    def _run(self, *arguments: str) -> None:
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise ComponentError("This machine has no apt-get and dpkg-deb.")
        command = ["apt-get", "--quiet=2", *self._options, *arguments]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired:
            raise ComponentError(f"apt-get {arguments[0]} gave no answer in {PATIENCE} s.") from None
        if done.returncode:
            reasons = [line for line in done.stderr.splitlines() if line.startswith("E:")]
            raise ComponentError(f"apt-get {arguments[0]}: {(reasons or ['it failed'])[0]}")


def unpack(archives: Sequence[Path], root: Path) -> None:
    """All files of the archives below `root`; no script of a package is run."""
    root.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        done = subprocess.run(["dpkg-deb", "--extract", archive, root], capture_output=True, text=True)
        if done.returncode:
            raise ComponentError(f"{archive.name} can't be unpacked: {done.stderr.strip()}")
