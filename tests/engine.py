"""Databases for tests on the real engine.

A process may open one engine directory at a time, so all tests of a session share one and each has a database
of its own in it.
"""

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from urllib.request import urlopen

from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate

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


class Front:
    """The engine behind ClickHouse's HTTP interface, in a process of its own."""

    def __init__(self, directory: Path, port: int = 0) -> None:
        """Starts it and waits until it answers; `port` 0 picks a free one."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.clickhouse_front", str(directory), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
        )
        assert self._process.stdout is not None
        self.pid = self._process.pid
        self.port: int = json.loads(self._process.stdout.readline())["port"]

    def url(self, database: str) -> str:
        """The target of a `Database` behind it."""
        return f"http://127.0.0.1:{self.port}/{database}"

    def fail(
        self, *, seconds: float, match: str = "", code: int = 0, stall: float = 0.0, done: bool = False
    ) -> None:
        """Makes statements that contain `match` stall, then fail with an error code, for so many seconds.

        `done`: they are run all the same, as when an answer is lost.
        """
        fault = {"seconds": seconds, "match": match, "code": code, "stall": stall, "done": done}
        body = json.dumps(fault).encode()
        urlopen(f"http://127.0.0.1:{self.port}/fault", data=body, timeout=10).close()

    def kill(self) -> None:
        """Ends the process at once; what was acknowledged is in the directory."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> "Front":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


@contextmanager
def served_database(front: Front, *, migrated: bool = True) -> Iterator[Database]:
    """A fresh database behind the HTTP front."""
    with Database(front.url(new_name())) as database:
        if migrated:
            migrate(database)
        yield database
