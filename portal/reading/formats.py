"""Rates as tables for other programs: CSV and Parquet, with the same columns."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
_COLUMNS: Mapping[str, Any] = {
    "metric": arrow.string(),
    "definition": arrow.string(),
    "agency": arrow.string(),
    "group": arrow.string(),
    "period": arrow.string(),
    "start": arrow.string(),
    "numerator": arrow.int64(),
    "denominator": arrow.int64(),
    "rate": arrow.float64(),
    "coverage": arrow.float64(),
    "as_of": arrow.string(),
}
Rates = Sequence[Mapping[str, Any]]


def as_csv(rates: Rates) -> bytes:
    """RFC 4180 with a header, UTF-8; what is null is empty."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, list(_COLUMNS), extrasaction="ignore", lineterminator="\r\n")
    table.writeheader()
    table.writerows(rates)
    return text.getvalue().encode()


def as_parquet(rates: Rates) -> bytes:
    """One row group, compressed with Zstandard."""
    schema = arrow.schema(list(_COLUMNS.items()))
    rows = [{name: rate.get(name) for name in _COLUMNS} for rate in rates]
    written = io.BytesIO()
    parquet.write_table(arrow.Table.from_pylist(rows, schema=schema), written, compression="zstd")
    return written.getvalue()


FORMATS: Mapping[str, tuple[str, Callable[[Rates], bytes]]] = {
    "csv": (CSV, as_csv),
    "parquet": (PARQUET, as_parquet),
}
