"""Which backups still hold a dossier: erasing does not reach into them, restoring does."""

from collections.abc import Iterable
from pathlib import Path

from sinks.maintenance.restore import contents


def holding(folders: Iterable[Path], dossier: str) -> list[Path]:
    """Those of the backups that hold the dossier; BrokenBackup when one is none, or damaged."""
    code = dossier.encode()
    return [folder for folder in folders if any(code in content for content in contents(folder))]
