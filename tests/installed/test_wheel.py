"""Whatever the program reads of its own is in the wheel."""

import subprocess
from pathlib import Path

from tests.installed.conftest import ROOT, Installed

PACKAGES = ("emc", "producers", "streams", "sinks", "portal", "dashboards", "cli", "deploy")
OF_CONTAINERS = (
    *("alertmanager", "caddy", "clickhouse", "env", "grafana", "helm"),
    *("kafka", "prometheus", "secrets"),
)
"""Folders of `deploy` that Compose and Helm take from the checkout."""
READ_ALL = f"""
import importlib, pkgutil, sys
for name in {PACKAGES!r}:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
places = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
assert not [place for place in places if place.startswith({str(ROOT)!r} + "/") and "/.venv/" not in place]
from deploy.access import ACCESS
from deploy.jars import pinned
from emc.translation import translations
from producers.source_words import load_source_words
assert ACCESS.read_text() and pinned() and translations() and load_source_words()
"""


def test_everything_can_be_imported_and_read_elsewhere(installed: Installed) -> None:
    found = installed.python(READ_ALL)
    assert found.returncode == 0, found.stderr


def test_no_file_of_the_packages_is_left_out(installed: Installed) -> None:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", *PACKAGES], capture_output=True, text=True, check=True
    ).stdout.split()
    left_out = [name for name in listed if not (installed.place / name).exists() and (ROOT / name).exists()]
    assert [name for name in left_out if not _is_of_deploying(Path(name))] == []


def _is_of_deploying(name: Path) -> bool:
    """Read by containers, or by people."""
    return name.parts[0] == "deploy" and (
        name.parts[1] in OF_CONTAINERS or name.name in ("Dockerfile", "README.md", "make-secrets")
    )
