"""Connections to the engine in this process that can only read, and only so much."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any, NamedTuple

from emc.errors import ComponentError, InputError
from sinks.readonly.cancelling import Cancelling
from sinks.readonly.guard import FORMATS, Guard

LIMITS: Mapping[str, int] = {
    "max_execution_time": 30,  # seconds
    "timeout_before_checking_execution_speed": 0,  # else nothing is looked at in the first ten seconds
    "max_block_size": 8192,  # the limit, and being given up, hold between blocks: they are small
    "function_range_max_elements_in_block": 4_000_000,  # and their arrays too
    "max_ast_elements": 5_000,
    "max_expanded_ast_elements": 5_000,
    "max_rows_to_read": 500_000_000,
    "max_memory_usage": 400_000_000,  # bytes; the written answer is part of it
    "max_result_rows": 200_000,
    "max_result_bytes": 16_000_000,  # as columns; written with long names it may be a thousand times that
    "max_threads": 2,
    "do_not_merge_across_partitions_select_final": 1,
}
"""What one query may take. A query that wants more fails, and says which limit it met."""
MOST_ANSWER = 64 << 20
"""Bytes of a written answer."""
Connection = Any  # of chdb, which has no annotations
STREAMS = 2
"""Queries at a time: the worker beside them keeps its share of processors, and of the engine's memory."""
PATIENCE = 30.0
"""Seconds that a query waits for its turn."""
_GRACE = 3.0  # seconds that closing waits for queries under way


class AnswerTooLarge(InputError):
    """What the engine has written is more than anybody is handed."""


class _Stream(NamedTuple):
    """Room for one query at a time: the name that its queries bear, and its connection once it has one."""

    mark: str
    connection: Connection  # None until it is opened


class LockedEngine:
    """Runs queries of others over a database of the engine that this process holds.

    Every connection is made readonly for ever, so a query cannot lift its limits;
    `sinks.readonly.guard` refuses what readonly lets through. At most two queries run at a time, the
    others wait.
    """

    def __init__(self, path: Path, database: str = "emc", limits: Mapping[str, int] = LIMITS) -> None:
        """`path`: the engine's directory, already open in this process."""
        self._path, self._database, self._limits = path, database, limits
        self._free: LifoQueue[_Stream] = LifoQueue()
        for number in range(STREAMS):
            self._free.put(_Stream(f"emc-front-{id(self)}-{number}", None))  # opened when first needed
        self._guard = Guard(self._table_functions())

    def query(
        self, statement: str, form: str, parameters: Mapping[str, str], cancelling: Cancelling | None = None
    ) -> bytes:
        """The answer in a format such as Native.

        InputError: not allowed; AnswerTooLarge; ComponentError: too many at once; RuntimeError: the engine's.
        """
        text = self._guard.check(statement)
        if form not in FORMATS:
            raise InputError(f"the format is not one of {', '.join(sorted(FORMATS))}")
        with self._stream() as stream, (cancelling or Cancelling()).of(lambda: self._kill(stream.mark)):
            found = stream.connection.query(text, form, params=dict(parameters))
            if found.size() > MOST_ANSWER:
                raise AnswerTooLarge(f"the answer has more than {MOST_ANSWER} bytes, ask for less at a time")
            return found.bytes() or b""

    def _kill(self, mark: str) -> None:
        """Asks the engine to end what runs under this name; it does so when the block at hand is done."""
        connection = self._connect()
        try:
            connection.query(f"KILL QUERY WHERE Settings['log_comment'] = '{mark}' ASYNC FORMAT TabSeparated")
        finally:
            connection.close()

    @contextmanager
    def _stream(self) -> Iterator[_Stream]:
        """Room for one query. After an error its connection goes: an answer may be half written."""
        try:
            mark, connection = self._free.get(timeout=PATIENCE)
        except Empty:
            raise ComponentError("too many queries at a time; ask again later") from None
        try:
            connection = connection or self._open(mark)
            yield _Stream(mark, connection)
        except BaseException:
            if connection is not None:
                connection.close()
            connection = None
            raise
        finally:
            self._free.put(_Stream(mark, connection))

    def _open(self, mark: str) -> Connection:
        connection = self._connect()
        connection.query(f"USE `{self._database}`", "TabSeparated")
        connection.query(f"SET log_comment = '{mark}'", "TabSeparated")
        for name, value in self._limits.items():
            connection.query(f"SET {name} = {value}", "TabSeparated")
        connection.query("SET readonly = 1", "TabSeparated")
        return connection

    def _connect(self) -> Connection:
        import chdb  # half a gigabyte that only the embedded engine needs

        return chdb.connect(str(self._path))

    def _table_functions(self) -> list[str]:
        with self._stream() as stream:
            answer = stream.connection.query(
                "SELECT name FROM system.table_functions", "TabSeparated"
            ).bytes()
        return bytes(answer).decode().split()

    def close(self) -> None:
        """Closes the connections; waits a moment for queries under way, which end with the process if not."""
        end = time.monotonic() + _GRACE
        for _ in range(STREAMS):
            try:
                stream = self._free.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                return
            if stream.connection is not None:
                stream.connection.close()
