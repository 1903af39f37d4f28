"""The rows of an insert: cut so that no part spans too many partitions, and encoded for the engine."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.driver.insert import InsertBlock, InsertContext
from clickhouse_connect.driver.transform import NativeTransform

from sinks.clickhouse import schema
from sinks.clickhouse.failures import QueryRefused

Columns = Mapping[str, Sequence[Any]]
MAX_PARTITIONS = 100
AS_STORED = {"Date": "int", "DateTime64": "int"}
"""How the driver is to give and take dates and instants."""
_PARTITIONED_BY = {table.name: table.partition for table in schema.TABLES if table.partition}
_DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def split_by_partition(table: str, columns: Columns, most: int = MAX_PARTITIONS) -> list[list[int]] | None:
    """The places of the rows of each part of an insert; None when it need not be cut."""
    partition_of = _PARTITIONED_BY.get(table)
    if partition_of is None:
        return None
    name, by_month = partition_of
    keys = [value // _DAY_MS for value in columns[name]] if by_month else columns[name]
    distinct = set(keys)
    if len(distinct) <= most:
        return None
    partition = {key: _month_of_day(key) if by_month else key for key in distinct}
    months = sorted(set(partition.values()))
    part_of = {month: place // most for place, month in enumerate(months)}
    parts: list[list[int]] = [[] for _ in range(0, len(months), most)]
    for place, key in enumerate(keys):
        parts[part_of[partition[key]]].append(place)
    return parts


def slices_within(columns: Columns, parts: list[list[int]] | None) -> Iterator[Columns]:
    """The columns of each part; nothing at all when there are no rows."""
    if not next(iter(columns.values()), ()):
        return
    if parts is None:
        yield columns
        return
    for places in parts:
        yield {name: [values[place] for place in places] for name, values in columns.items()}


def native_block(table: str, columns: Columns, types: Mapping[str, ClickHouseType]) -> bytes:
    """The columns in ClickHouse's Native format; QueryRefused when a value does not fit its column.

    Of the ways in (Native, Arrow, the engine reading Python objects) none was faster by more than the noise:
    most of the time goes into sorting and writing the part.
    """
    names = list(columns)
    absent = [name for name in names if name not in types]
    if absent:
        listed = ", ".join(absent)
        raise QueryRefused(
            f"the table {table} has no column {listed}: migrate the database with `emc migrate`"
        )
    context = _OneBlock(table, columns, [types[name] for name in names])
    failed: list[Exception] = []
    try:
        encoded = b"".join(NativeTransform.build_insert(context, failed.append))
    except (OverflowError, TypeError, ValueError, AttributeError) as error:
        failed.append(error)
    if failed:
        kind = type(failed[0]).__name__
        raise QueryRefused(f"rows for the table {table} hold a value that does not fit ({kind})") from failed[
            0
        ]
    return encoded


class _OneBlock(InsertContext):
    """All rows as one block, without the statement before it.

    The driver's own context, once it is given rows, refers to itself by a bound method: they would stay until
    the collector looks for cycles, which under a backlog is gigabytes later. So it is given none.
    """

    def __init__(self, table: str, columns: Columns, types: Sequence[ClickHouseType]) -> None:
        super().__init__(table, list(columns), types, query_formats=AS_STORED)
        self._columns = columns

    def next_block(self) -> Generator[InsertBlock, None, None]:
        values = list(self._columns.values())
        yield InsertBlock(b"", len(values), len(values[0]), self.column_names, self.column_types, values)


def _month_of_day(day: int) -> int:
    moment = _EPOCH + timedelta(days=day)
    return moment.year * 100 + moment.month
