"""Making a batch durable: every table in its order, again and again until ClickHouse has it."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from emc.errors import EmcError
from sinks.database import Database
from streams.rows import COLUMNS, Rows

T = TypeVar("T")
_log = logging.getLogger("emc.stream")
_LAST = ("commits", "positions")
_FIRST = tuple(table for table in COLUMNS if table not in _LAST)
_LONGEST_PAUSE = 15.0


class Stopped(Exception):
    """The worker is to end before ClickHouse took the batch; Kafka still has it."""


class Patience:
    """Repeats a step until it succeeds, with growing pauses, and tells what it waits for."""

    def __init__(self) -> None:
        self._waits: dict[int, str] = {}
        self._stop = threading.Event()

    @property
    def waiting_for(self) -> str | None:
        """What any thread waits for, None when none does."""
        return next(iter(list(self._waits.values())), None)

    def stop(self) -> None:
        """Ends all waiting, now and later, with Stopped."""
        self._stop.set()

    def until_done(self, step: Callable[[], T]) -> T:
        """The step's result; Stopped when the worker is to end first."""
        pause, thread = 0.1, threading.get_ident()
        while True:
            try:
                result = step()
            except EmcError as error:
                if self._waits.get(thread) != str(error):
                    _log.warning("waiting", extra={"waiting_for": str(error)})
                self._waits[thread] = str(error)
            else:
                if waited := self._waits.pop(thread, None):
                    _log.info("going on", extra={"waited_for": waited})
                return result
            if self._stop.wait(pause):
                raise Stopped
            pause = min(pause * 2, _LONGEST_PAUSE)


class Writer:
    """Writes the rows of a batch: what they tell first, side by side; then the commits, then the positions.

    An agency's row in `commits` is thus there only when all its other rows are.
    """

    def __init__(self, db: Database, patience: Patience) -> None:
        self._db, self._patience = db, patience
        self._pool = ThreadPoolExecutor(3, thread_name_prefix="insert")

    def write(self, rows: Rows) -> None:
        """Returns when every row is in ClickHouse; raises Stopped when the worker is to end first.

        When it raises, no insert is under way any more.
        """
        inserts = [self._pool.submit(self._insert, table, rows) for table in _FIRST]
        wait(inserts)
        for insert in inserts:
            insert.result()
        for table in _LAST:
            self._insert(table, rows)

    def _insert(self, table: str, rows: Rows) -> None:
        if rows[table]:
            columns = rows.columns(table)
            self._patience.until_done(lambda: self._db.insert(table, columns))
            _log.debug("written", extra={"table": table, "rows": len(rows[table])})

    def close(self) -> None:
        """Ends the inserting threads."""
        self._pool.shutdown(wait=True)
