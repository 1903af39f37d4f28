"""The rows of a batch, gathered by table and turned into columns once, at the end."""

from collections.abc import Sequence
from typing import Any

from sinks.clickhouse import schema

COLUMNS = {table.name: table.stored for table in schema.WRITTEN}
"""The columns that the stream writes, by table, in the order in which a batch's tables become durable."""

Row = tuple[Any, ...]
Put = tuple[bytes, bytes | None]
"""A key of the local store and its value; None deletes the key."""


class Rows:
    """Rows of every table. A row is a tuple in the order of COLUMNS."""

    def __init__(self) -> None:
        self.by_table: dict[str, list[Row]] = {table: [] for table in COLUMNS}

    def __getitem__(self, table: str) -> list[Row]:
        return self.by_table[table]

    def columns(self, table: str) -> dict[str, Sequence[Any]]:
        """The gathered rows of a table as columns; empty columns when there are none."""
        names, rows = COLUMNS[table], self.by_table[table]
        return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))
