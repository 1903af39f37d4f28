"""Making a batch durable: every table in its order, again and again until ClickHouse has it."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from emc.errors import ComponentError, EmcError
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import NOT_MIGRATED, EngineUnavailable, QueryRefused
from streams.batch.rows import Rows

T = TypeVar("T")
_log = logging.getLogger("emc.stream")
_FIRST = tuple(table.name for table in schema.WRITTEN if table.turn is schema.Turn.ROWS)
_LAST = tuple(table.name for table in schema.WRITTEN if table.turn is not schema.Turn.ROWS)
_LONGEST_PAUSE = 15.0
_MOST_ROUNDS = 5
Check = Callable[[str], None]
"""Called before each attempt to write `commits` or `positions`; raises RestoredBehindUs."""


class Stopped(Exception):
    """The worker is to end before ClickHouse took the batch; Kafka still has it."""


class RestoredBehindUs(ComponentError):
    """ClickHouse was put back to an earlier state, or emptied, while this worker wrote."""


class Patience:
    """Repeats a step until it succeeds, with growing pauses, and tells what it waits for.

    `breaks` counts how often ClickHouse did not answer: it may have come back without what it had.
    """

    def __init__(self) -> None:
        self.breaks = 0
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
        """The step's result; Stopped when the worker is to end first. RestoredBehindUs is let through."""
        pause, thread = 0.1, threading.get_ident()
        while True:
            try:
                result = step()
            except RestoredBehindUs:
                raise  # waiting would not help
            except EmcError as error:
                if _is_break(error):
                    self.breaks += 1
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


def _is_break(error: EmcError) -> bool:
    """Whether ClickHouse did not answer, or has not the tables that it had."""
    if isinstance(error, QueryRefused):
        return error.code in NOT_MIGRATED
    return isinstance(error, EngineUnavailable) and error.code is None


class Writer:
    """Writes the rows of a batch: what they tell first, side by side; then the commits, then the positions.

    An agency's row in `commits` is thus there only when all its other rows are.
    """

    def __init__(self, db: Database, patience: Patience) -> None:
        self._db, self._patience = db, patience
        self._pool = ThreadPoolExecutor(3, thread_name_prefix="insert")

    def write(self, rows: Rows, check: Check) -> None:
        """Returns when every row is in ClickHouse; raises Stopped when the worker is to end first.

        When ClickHouse did not answer meanwhile, all is written once more: what it took before may be gone.
        ComponentError when it did not answer in any round: the batch is to be begun anew.
        When this raises, no insert is under way any more.
        """
        for _ in range(_MOST_ROUNDS):
            breaks = self._patience.breaks
            self._write(rows, check)
            if self._patience.breaks == breaks:
                return
        raise ComponentError(f"ClickHouse broke off each of {_MOST_ROUNDS} writes of a batch")

    def _write(self, rows: Rows, check: Check) -> None:
        inserts = [self._pool.submit(self._insert, table, rows) for table in _FIRST]
        wait(inserts)
        for insert in inserts:
            insert.result()
        for table in _LAST:
            self._insert(table, rows, check)

    def _insert(self, table: str, rows: Rows, check: Check | None = None) -> None:
        if not rows[table]:
            return
        columns = rows.columns(table)

        def attempt() -> None:
            if check is not None:
                check(table)
            self._db.insert(table, columns)

        self._patience.until_done(attempt)
        _log.debug("written", extra={"table": table, "rows": len(rows[table])})

    def close(self) -> None:
        """Ends the inserting threads."""
        self._pool.shutdown(wait=True)
