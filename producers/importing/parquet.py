"""Parquet files as rows, a batch at a time, only the columns that are used."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet

from emc.errors import InputError
from producers.importing.rows import Broken, Row, Table

_BATCH = 4096


def open_parquet(path: Path, wanted: Callable[[list[str]], list[str]]) -> Table:
    """Opens a Parquet file; InputError when it is none."""
    try:
        file = parquet.ParquetFile(path)
    except (arrow.ArrowException, ValueError):
        raise InputError(f"{path} is not a Parquet file") from None
    columns = list(file.schema_arrow.names)
    used = wanted(columns)
    total = file.metadata.num_rows
    count = [0]
    return Table(columns, total, _rows(path, file, used, count), lambda: count[0])


def _rows(path: Path, file: parquet.ParquetFile, used: list[str], count: list[int]) -> Iterator[Row | Broken]:
    with file:
        try:
            for batch in file.iter_batches(_BATCH, columns=used):
                for values in _whole_microseconds(batch).to_pylist():
                    count[0] += 1
                    yield Row(count[0], values)
        except (arrow.ArrowException, OSError, ValueError):
            raise InputError(f"{path} cannot be read behind row {count[0]}: the file is damaged") from None


def _whole_microseconds(batch: arrow.RecordBatch) -> arrow.Table:
    """Times in nanoseconds have no exact Python form: what is below a microsecond is cut."""
    table = arrow.Table.from_batches([batch])
    for n, column in enumerate(table.schema):
        if arrow.types.is_timestamp(column.type) and column.type.unit == "ns":
            cut = table.column(n).cast(arrow.timestamp("us", column.type.tz), safe=False)
            table = table.set_column(n, column.name, cut)
    return table
