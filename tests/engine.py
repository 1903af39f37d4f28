"""Databases for tests on the real engine.

A process may open one engine directory at a time, so all tests of a session share one and each has a database
of its own in it.
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

from sinks.database import Database
from sinks.migrate import migrate

_numbers = count(1)


@cache
def engine_directory() -> Path:
    """The directory of the engine of this process, removed when the process ends."""
    path = Path(tempfile.mkdtemp(prefix="emc-engine-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def new_name() -> str:
    """The name of a database that does not exist yet in the engine of this process."""
    return f"test_{next(_numbers)}"


@contextmanager
def embedded_database(*, migrated: bool = True) -> Iterator[Database]:
    """A fresh database in this process, dropped at the end."""
    database = Database(engine_directory(), database=new_name())
    try:
        if migrated:
            migrate(database)
        yield database
        database.command(f"DROP DATABASE IF EXISTS `{database.name}` SYNC")
    finally:
        database.close()
