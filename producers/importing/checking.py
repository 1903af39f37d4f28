"""What stands in the way of a mapping: marks that a person has not decided on, dates that it cannot read."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from producers.importing import fields
from producers.importing.kinds import Kind
from producers.importing.rows import Row, Table
from producers.importing.table_reader import TableReader
from producers.judging import field_of
from producers.local_times import NO_SUCH_DAY

_LOOKED_AT = 2000
_open_mark = re.compile(r'(?:[^"#]|"(?:[^"\\]|\\.)*")*#\s*decide\b').match


def open_marks(toml: Path) -> Iterator[int]:
    """The lines of a draft that still say `decide`."""
    for number, line in enumerate(toml.read_text(encoding="utf-8").splitlines(), start=1):
        if _open_mark(line):
            yield number


def unread_dates(table: Table, reader: TableReader, kind: Kind) -> Iterator[str]:
    """The date columns of which a value in the first 2 000 rows has none of the mapping's forms, a sentence
    each. A day that the calendar does not have is a row's fault, not the mapping's.
    """
    numbers, first = Counter[str](), dict[str, tuple[int, str]]()
    for row in islice(table.rows, _LOOKED_AT):
        if not isinstance(row, Row):
            continue
        for fault in reader.read(row.values).faults:
            field = kind.subject if fault.path == "$.subject" else field_of(fault.path)
            if fault.column is None or field not in fields.DATES or fault.detail == NO_SUCH_DAY:
                continue
            numbers[fault.column] += 1
            first.setdefault(fault.column, (row.line, fault.detail))
    for column, number in numbers.items():
        line, reason = first[column]
        yield f"column {column}, {number} of the rows looked at, the first in line {line}: {reason}"
