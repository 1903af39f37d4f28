"""Making a batch durable: every table in its order, again and again until ClickHouse has it."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import EngineUnavailable
from streams.batch.retrying import RetryUntilStopped
from streams.batch.rows import Rows

_log = logging.getLogger("emc.stream")
_FIRST = tuple(table.name for table in schema.WRITTEN if table.turn is schema.Turn.ROWS)
_LAST = tuple(table.name for table in schema.WRITTEN if table.turn is not schema.Turn.ROWS)
_MOST_ROUNDS = 5
Check = Callable[[str], None]
"""Called before each attempt to write `commits` or `positions`; raises RestoredBehindUs."""


class Writer:
    """Writes the rows of a batch: what they tell first, side by side; then the commits, then the positions.

    An agency's row in `commits` is thus there only when all its other rows are.
    """

    def __init__(self, db: Database, retry: RetryUntilStopped) -> None:
        self._db, self._retry = db, retry
        self._pool = ThreadPoolExecutor(3, thread_name_prefix="insert")

    def write(self, rows: Rows, check: Check) -> None:
        """Returns when every row is in ClickHouse; raises Stopped when the worker is to end first.

        When ClickHouse did not answer meanwhile, all is written once more: what it took before may be gone.
        EngineUnavailable when it did not answer in any round: the batch is to be begun anew.
        When this raises, no insert is under way any more.
        """
        for _ in range(_MOST_ROUNDS):
            breaks = self._retry.breaks
            self._write(rows, check)
            if self._retry.breaks == breaks:
                return
        raise EngineUnavailable(f"ClickHouse broke off each of {_MOST_ROUNDS} writes of a batch")

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

        self._retry.until_done(attempt)
        _log.debug("written", extra={"table": table, "rows": len(rows[table])})

    def close(self) -> None:
        """Ends the inserting threads."""
        self._pool.shutdown(wait=True)
