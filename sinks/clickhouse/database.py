"""One ClickHouse database: queries, commands and column-wise inserts, safe to use from several threads.

Numbers go in and come out as they are stored: DateTime64(6) as microseconds, DateTime64(3) as milliseconds
and Date as days, all since 1970 UTC; versions as integers. So nothing is converted twice, and no zone can
creep in.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any
from urllib.parse import urlsplit

from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from emc.errors import SettingError
from sinks.clickhouse.cluster import clustered
from sinks.clickhouse.engine import SETTINGS, Embedded, Server
from sinks.clickhouse.failures import QueryRefused, failure_of, translated
from sinks.clickhouse.native_encoding import (
    AS_STORED,
    Columns,
    native_block,
    slices_within,
    split_by_partition,
)

Row = tuple[Any, ...]
_MOST_PARTITIONS = "max_partitions_per_insert_block"


class Database:
    """A database on a server (`target`: URL) or in this process (`target`: directory).

    Every call borrows one of a pool of clients, so calls of different threads run beside each other. Errors
    are `EngineUnavailable` (a ComponentError: ask again later), `QueryRefused` and, embedded,
    `DataDirectoryError`. Retrying is left to the caller, who knows what waits meanwhile.
    """

    def __init__(self, target: str | Path, *, database: str = "emc", memory: int = 2_000_000_000) -> None:
        """`database` and `memory` (bytes) apply to a directory; a URL names its database itself."""
        self._target, self._memory = target, memory
        self._engine = Server(target) if isinstance(target, str) else Embedded(target, database, memory)
        self.name, self.place, self.cluster = self._engine.database, self._engine.place, self._engine.cluster
        self._idle: LifoQueue[Client] = LifoQueue()
        self._types: dict[str, dict[str, ClickHouseType]] = {}
        self._closed = False
        self._conditions: Mapping[str, str] = {}

    def filtered(self, conditions: Mapping[str, str]) -> "Database":
        """The same database in which, for the engine, tables have only the rows that meet a condition.

        What this one leaves out of a table stays out. It shares the clients of this one, so it is not to be
        closed. Conditions are SQL: never a user's.
        """
        found, held = copy(self), self._conditions
        both = {table: f"({held[table]}) AND ({sql})" for table, sql in conditions.items() if table in held}
        found._conditions = {**held, **conditions, **both}
        return found

    @property
    def _filters(self) -> str:
        """The end of each query, by which the engine leaves rows out; empty where it leaves out none."""
        if not self._conditions:
            return ""
        listed = ", ".join(f"'{table}': '{_quoted(sql)}'" for table, sql in self._conditions.items())
        return f"\nSETTINGS additional_table_filters = {{{listed}}}"

    def sibling(self, name: str) -> "Database":
        """Another database of the same engine, which need not exist; to be closed by the caller."""
        target = self._target
        if isinstance(target, str):
            target = urlsplit(target)._replace(path=f"/{name}").geturl()
        return Database(target, database=name, memory=self._memory)

    def create(self) -> None:
        """Creates the database if it is not there; on a cluster also that of each shard, on every node."""
        names, everywhere = [self.name], ""
        if self.cluster is not None:
            names, everywhere = [self.name, self.cluster.shard], f" {self.cluster.everywhere}"
        client = self._engine.open(None)
        try:
            with translated(self.place):
                for name in names:
                    client.command(f"CREATE DATABASE IF NOT EXISTS `{name}`{everywhere} ENGINE = Atomic")
        finally:
            client.close()

    def change(self, sql: str) -> None:
        """Runs a statement of a migration; on a cluster what it becomes there, on every node."""
        if self.cluster is None:
            self.command(sql)
            return
        with self.sibling(self.cluster.shard) as shard:
            for statement in clustered(sql, self.cluster):
                shard.command(statement)

    def stored(self, table: str) -> str:
        """A table as a statement about its parts (`ALTER`, `OPTIMIZE`) must name it."""
        return self.cluster.stored(table) if self.cluster else f"`{table}`"

    def require_one_server(self, what: str) -> None:
        """SettingError on a cluster, for what does not know its tables."""
        if self.cluster is not None:
            raise SettingError(
                f"{what} is not made for a cluster, but EMC_CLICKHOUSE_CLUSTER is {self.cluster.name};"
                " docs/scale.md says what takes its place"
            )

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client for the calling thread alone, for the length of the block."""
        client = self._borrow()
        try:
            yield client
        finally:
            if self._closed:
                client.close()
            else:
                self._idle.put(client)

    def _borrow(self) -> Client:
        try:
            return self._idle.get_nowait()
        except Empty:
            return self._engine.open(self.name)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a SELECT; `{name:Type}` in it stands for a parameter."""
        with self.client() as client, translated(self.place):
            found = client.query(sql + self._filters, dict(parameters or {}), query_formats=AS_STORED)
            return [tuple(row) for row in found.result_rows]

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """As `query`, each row a dict of column names and values."""
        with self.client() as client, translated(self.place):
            result = client.query(sql + self._filters, dict(parameters or {}), query_formats=AS_STORED)
            return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

    def stream(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[list[Row]]:
        """The rows of a SELECT by blocks, for results too large to hold; close or exhaust it."""
        with self.client() as client, translated(self.place):
            statement = sql + self._filters
            found = client.query_row_block_stream(statement, dict(parameters or {}), query_formats=AS_STORED)
            with found as blocks:
                for block in blocks:
                    yield list(block)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Runs a statement that returns nothing."""
        with self.client() as client, translated(self.place):
            client.command(sql, dict(parameters or {}))

    def insert(self, table: str, columns: Columns) -> None:
        """Inserts rows given by column: equally long sequences, one for every column named.

        Rows of more than 100 partitions go in several inserts, the engine's limit for one; so an insert that
        fails may have stored some of its rows, which a repetition replaces.
        """
        types = self._column_types(table)
        for part in slices_within(columns, split_by_partition(table, columns)):
            block = native_block(table, part, types)
            with self.client() as client, translated(self.place):
                self._engine.insert(client, table, list(part), block)

    def read_native(self, sql: str, parameters: Mapping[str, Any] | None = None) -> bytes:
        """The rows of a SELECT in ClickHouse's Native format; empty without rows."""
        with self.client() as client, translated(self.place):
            return bytes(client.raw_query(sql, dict(parameters or {}), fmt="Native"))

    def insert_native(self, table: str, names: Sequence[str], block: bytes) -> None:
        """Inserts rows in Native format, as `read_native` gave them, of any number of partitions."""
        with self.client() as client, translated(self.place):
            client.set_client_setting(_MOST_PARTITIONS, "0")
            try:
                self._engine.insert(client, table, names, block)
            finally:
                client.set_client_setting(_MOST_PARTITIONS, str(SETTINGS[_MOST_PARTITIONS]))

    def _column_types(self, table: str) -> dict[str, ClickHouseType]:
        """The table's stored columns; read once, for a migration only adds columns."""
        if table not in self._types:
            found = self.query(
                "SELECT name, type FROM system.columns WHERE database = currentDatabase()"
                " AND table = {table:String} AND default_kind NOT IN ('ALIAS', 'MATERIALIZED')",
                {"table": table},
            )
            if not found:
                raise QueryRefused(f"ClickHouse at {self.place} has no table {self.name}.{table}")
            self._types[table] = {name: get_from_name(kind) for name, kind in found}
        return self._types[table]

    def close(self) -> None:
        """Closes the idle clients now and the others as they are given back."""
        self._closed = True
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return
            except ClickHouseError as error:
                raise failure_of(error, self.place) from error

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _quoted(sql: str) -> str:
    return sql.replace("\\", "\\\\").replace("'", "\\'")
