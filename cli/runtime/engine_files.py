"""The engine's files of a data directory that no service holds, or where nothing may be written a stand-in.

The engine writes when it opens its directory: its status, what it clears up. The stand-in is a directory in
the place for temporary files, with the same folders. The files of parts, which are nearly all the bytes and
never change, are links there, all others copies. It is removed at the end.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.runtime.data_directory import DataDirectory
from emc.errors import DataDirectoryError

_OF_A_PART = "checksums.txt"


@contextmanager
def engine_files(held: DataDirectory) -> Iterator[Path]:
    """Where the engine may open the tables, for the length of the block; DataDirectoryError without any."""
    path = held.path / "clickhouse"
    if not path.is_dir():
        raise DataDirectoryError(f"{held.path} holds no tables yet; `emc up` or `emc demo` makes some")
    if not held.is_read_only:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="emc-read-", ignore_cleanup_errors=True) as scratch:
        try:
            _stand_in(path, Path(scratch))
        except OSError as error:
            said = f"{error.strerror}: {error.filename}"
            raise DataDirectoryError(f"{held.path} is read-only, and cannot be read ({said})") from None
        yield Path(scratch)


def _stand_in(path: Path, scratch: Path) -> None:
    for folder, folders, files in os.walk(path):
        there = scratch / Path(folder).relative_to(path)
        for source in (Path(folder) / name for name in folders + files):
            if source.is_symlink():
                (there / source.name).symlink_to(_led(source.readlink(), path, scratch))
            elif source.name in folders:
                (there / source.name).mkdir()
            elif _OF_A_PART in files:
                (there / source.name).symlink_to(source)
            else:
                shutil.copyfile(source, there / source.name)


def _led(link: Path, path: Path, scratch: Path) -> Path:
    """Where the engine's own link leads in the stand-in."""
    return scratch / link.relative_to(path) if link.is_relative_to(path) else link
