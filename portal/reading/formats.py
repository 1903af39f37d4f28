"""Rates as tables for other programs: CSV and Parquet, with the same columns.

What touches a rate of the table is told with it: a CSV then has a last column `incidents`, the text of those
of the rate; in a Parquet file all of them stand, as JSON, in the schema's metadata under `incidents`.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as arrow
import pyarrow.parquet as parquet

from sinks.incidents.touching import Told

_INCIDENTS = "incidents"
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
Marks = Sequence[list[Told]]
"""Of each rate the incidents that touch it."""


def as_csv(rates: Rates, marks: Marks, more: Sequence[str] = ()) -> bytes:
    """RFC 4180 with a header, UTF-8; what is null is empty. `more`: fields of the rates that follow."""
    text = io.StringIO(newline="")
    names = [*_COLUMNS, *more, *([_INCIDENTS] if any(marks) else [])]
    table = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\r\n")
    table.writeheader()
    for rate, marked in zip(rates, marks, strict=True):
        table.writerow({**rate, _INCIDENTS: "; ".join(each["text"] for each in marked)})
    return text.getvalue().encode()


def as_parquet(rates: Rates, marks: Marks) -> bytes:
    """One row group, compressed with Zstandard."""
    found = {each["id"]: each for marked in marks for each in marked}
    told = {_INCIDENTS: msgspec.json.encode(list(found.values()))} if found else None
    schema = arrow.schema(list(_COLUMNS.items()), metadata=told)
    rows = [{name: rate.get(name) for name in _COLUMNS} for rate in rates]
    written = io.BytesIO()
    parquet.write_table(arrow.Table.from_pylist(rows, schema=schema), written, compression="zstd")
    return written.getvalue()


FORMATS: Mapping[str, tuple[str, Callable[[Rates, Marks], bytes]]] = {
    "csv": (CSV, as_csv),
    "parquet": (PARQUET, as_parquet),
}
