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
from pathlib import Path
from urllib.request import urlopen

from sinks.clickhouse.database import Database
from tests.databases import Shelf, new_name


@cache
def engine_directory() -> Path:
    """The directory of the engine of this process, removed when the process ends."""
    path = Path(tempfile.mkdtemp(prefix="emc-engine-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@cache
def _shelf() -> Shelf:
    return Shelf(lambda name: Database(engine_directory(), database=name))


@contextmanager
def embedded_database(*, migrated: bool = True) -> Iterator[Database]:
    """A database as new in this process; no other test sees what is written to it."""
    if migrated:
        with _shelf().lent() as database:
            yield database
        return
    with Database(engine_directory(), database=new_name()) as database:
        yield database
        database.command(f"DROP DATABASE IF EXISTS `{database.name}` SYNC")


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
        self.shelf = Shelf(lambda name: Database(self.url(name)))

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
    """A database as new behind the HTTP front."""
    if migrated:
        with front.shelf.lent() as database:
            yield database
        return
    with Database(front.url(new_name())) as database:
        yield database
