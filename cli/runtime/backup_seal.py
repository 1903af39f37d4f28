"""The seal of backups: of the key file that a setting names, else of the data directory's own."""

from pathlib import Path

from emc import settings
from sinks.maintenance.seal import KEY, Seal, made_seal, read_seal


def seal_to_mark(directory: Path | None) -> Seal | None:
    """The seal for a new backup; a data directory without a key gets one. None where there is neither."""
    named = settings.current().site.backup_key_file
    if named:
        return read_seal(Path(named))
    return None if directory is None else made_seal(directory)


def seal_to_know(directory: Path | None) -> Seal | None:
    """The seal by which a backup must be known here; None where there is no key to know it by."""
    named = settings.current().site.backup_key_file
    if named:
        return read_seal(Path(named))
    return read_seal(directory / KEY) if directory is not None and (directory / KEY).exists() else None
