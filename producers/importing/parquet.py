"""Parquet files as rows, a batch at a time, only the columns that are used."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet

from emc.errors import InputError
from producers.importing.opening import Opened
from producers.importing.rows import Broken, Row, Table, Unreadable

_BATCH = 4096
_NO_TIME = Unreadable("expected a time from 2000-01-01 to 2100-01-01")
_NO_VALUE = Unreadable("expected a value that can be read")


def open_parquet(opened: Opened, wanted: Callable[[list[str]], list[str]]) -> Table:
    """Opens a Parquet file; InputError when it is none."""
    try:
        file = parquet.ParquetFile(opened.file)
    except (arrow.ArrowException, ValueError, OSError):
        raise InputError(f"{opened.name} is not a Parquet file") from None
    columns = list(file.schema_arrow.names)
    used = wanted(columns)
    total = file.metadata.num_rows
    count = [0]
    return Table(columns, total, _rows(opened, file, used, count), lambda: count[0])


def _rows(
    opened: Opened, file: parquet.ParquetFile, used: list[str], count: list[int]
) -> Iterator[Row | Broken]:
    with opened.file, file:
        try:
            for batch in file.iter_batches(_BATCH, columns=used):
                table = _whole_microseconds(batch)
                columns = [_cells(table.column(n)) for n in range(table.num_columns)]
                for values in zip(*columns, strict=True):
                    count[0] += 1
                    yield Row(count[0], dict(zip(table.column_names, values, strict=True)))
        except (arrow.ArrowException, OSError, ValueError):
            raise InputError(
                f"{opened.name} cannot be read behind row {count[0]}: the file is damaged"
            ) from None


def _cells(column: Any) -> list[object]:
    """The values of a column. One that Python has no form for, as 9999-12-31 in a zone, is one bad cell."""
    try:
        found: list[object] = column.to_pylist()
        return found
    except (OverflowError, ValueError):
        bad = _NO_TIME if arrow.types.is_temporal(column.type) else _NO_VALUE
        return [_cell(value, bad) for value in column]


def _cell(value: Any, bad: Unreadable) -> object:
    try:
        return value.as_py()
    except (OverflowError, ValueError):
        return bad


def _whole_microseconds(batch: arrow.RecordBatch) -> arrow.Table:
    """Times in nanoseconds have no exact Python form: what is below a microsecond is cut."""
    table = arrow.Table.from_batches([batch])
    for n, column in enumerate(table.schema):
        if arrow.types.is_timestamp(column.type) and column.type.unit == "ns":
            cut = table.column(n).cast(arrow.timestamp("us", column.type.tz), safe=False)
            table = table.set_column(n, column.name, cut)
    return table
