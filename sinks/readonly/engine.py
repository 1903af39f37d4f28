"""Connections to the engine in this process that can only read, and only so much."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any

from emc.errors import ComponentError, InputError
from sinks.readonly.guard import FORMATS, Guard

LIMITS: Mapping[str, int] = {
    "max_execution_time": 30,  # seconds
    "max_rows_to_read": 500_000_000,
    "max_memory_usage": 1_000_000_000,  # bytes
    "max_result_rows": 200_000,
    "max_result_bytes": 16_000_000,  # written as JSON it may be sixty times that in memory
    "max_threads": 2,
    "do_not_merge_across_partitions_select_final": 1,
}
"""What one query may take. A query that wants more fails, and says which limit it met."""

Connection = Any  # of chdb, which has no annotations
_STREAMS = 4
_PATIENCE = 30.0  # seconds that a query waits for its turn
_GRACE = 3.0  # seconds that closing waits for queries under way


class LockedEngine:
    """Runs queries of others over a database of the engine that this process holds.

    Every connection is made readonly for ever, so a query cannot lift its limits;
    `sinks.readonly.guard` refuses what readonly lets through. At most four queries run at a time, the
    others wait.
    """

    def __init__(self, path: Path, database: str = "emc") -> None:
        """`path`: the engine's directory, already open in this process."""
        self._path, self._database = path, database
        self._free: LifoQueue[Connection | None] = LifoQueue()
        for _ in range(_STREAMS):
            self._free.put(None)  # opened when first needed
        self._guard = Guard(self._table_functions())

    def query(self, statement: str, form: str, parameters: Mapping[str, str]) -> bytes:
        """The answer in a format such as Native. InputError: not allowed; RuntimeError: the engine's."""
        text = self._guard.check(statement)
        if form not in FORMATS:
            raise InputError(f"the format is not one of {', '.join(sorted(FORMATS))}")
        with self._connection() as connection:
            answer: bytes = connection.query(text, form, params=dict(parameters)).bytes() or b""
            return answer

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """A connection for one query. After an error it is not used again: its answer may be half written."""
        try:
            connection = self._free.get(timeout=_PATIENCE)
        except Empty:
            raise ComponentError("too many queries at a time; ask again later") from None
        try:
            connection = connection or self._open()
            yield connection
        except Exception:
            if connection is not None:
                connection.close()
            connection = None
            raise
        finally:
            self._free.put(connection)

    def _open(self) -> Connection:
        import chdb  # half a gigabyte that only the embedded engine needs

        connection: Connection = chdb.connect(str(self._path))
        connection.query(f"USE `{self._database}`", "TabSeparated")
        for name, value in LIMITS.items():
            connection.query(f"SET {name} = {value}", "TabSeparated")
        connection.query("SET readonly = 1", "TabSeparated")
        return connection

    def _table_functions(self) -> list[str]:
        with self._connection() as connection:
            answer = connection.query("SELECT name FROM system.table_functions", "TabSeparated").bytes()
        return bytes(answer).decode().split()

    def close(self) -> None:
        """Closes the connections; waits a moment for queries under way, which end with the process if not."""
        end = time.monotonic() + _GRACE
        for _ in range(_STREAMS):
            try:
                connection = self._free.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                return
            if connection is not None:
                connection.close()
