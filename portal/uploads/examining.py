"""What an uploaded file is, which columns it has, and how its first rows would count."""

import tomllib
import zipfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec

from emc.errors import InputError
from emc.registry import Registry
from portal.uploads.upload import Column, Upload
from producers.importing import ImportRequest, JudgedRow, JudgedRows, Refusal, guessing
from producers.importing.encodings import AUTO
from producers.importing.kinds import KINDS
from producers.importing.mapping import read_mapping
from producers.importing.opening import open_input
from producers.importing.readers import Format, ReadingOptions, open_table
from producers.importing.suggesting import CODED, SeenColumn, draft, look_through, meanings
from producers.source_words import SourceTable

PREVIEWED = 20
SYSTEM = "import"
_START = 64 * 1024
_MOST_UNPACKED = 300 * 1024 * 1024  # a workbook is read whole
_READING = ReadingOptions(AUTO, AUTO)
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


class Previewed(NamedTuple):
    """A row as it would count: its line, what it is about, its fields by name; or why it is refused."""

    line: int
    subject: str
    fields: Mapping[str, Any]
    refusals: list[Refusal]


def form_of(path: Path, name: str, asked: str) -> str:
    """The format of a file: as asked for, or (`auto`) by what it holds. InputError for what is not read."""
    with path.open("rb") as file:
        start = file.read(_START)
    if start.startswith(_PACKED):
        raise InputError(f"{name} is compressed: unpack it first")
    if start.startswith(b"PK"):
        _check_unpacked(path, name)
    if asked != AUTO:
        if asked not in get_args(Format):
            raise InputError(f"format is not known, expected one of {', '.join(get_args(Format))}")
        return asked
    found = guessing.form_of(start, name)
    if found is None:
        raise InputError(f"{name} does not tell its format: choose it")
    return found


def _check_unpacked(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(each.file_size for each in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise InputError(f"{name} is not a workbook that can be read (xlsx, xls, ods)") from None
    if size > _MOST_UNPACKED:
        raise InputError(f"{name} is larger than 300 MB once unpacked: save it as CSV")


def columns_of(path: Path, upload: Upload) -> dict[str, SeenColumn]:
    """The columns of a table, in their order, with what was seen of them."""
    given = upload.given
    table = open_table(open_input(path, given.name), given.form, lambda columns: columns, _READING)
    return look_through(table)


def shown_columns(seen: Mapping[str, SeenColumn]) -> list[Column]:
    """The same, as they are kept and shown."""
    return [Column(name, column.few) for name, column in seen.items()]


def suggested(seen: Mapping[str, SeenColumn], upload: Upload, words: SourceTable) -> dict[str, Any]:
    """The keys of the mapping that `emc mapping suggest` would draft, without values left open."""
    given = upload.given
    keys = tomllib.loads(draft(seen, words.of(given.agency, SYSTEM), KINDS[given.kind]))
    return {**keys, "values": {name: table for name, table in keys.get("values", {}).items() if table}}


def with_meanings(keys: Mapping[str, Any], upload: Upload, words: SourceTable) -> dict[str, Any]:
    """The keys of a mapping, the values of columns chosen anew given the meanings that are known."""
    before = (upload.keys or {}).get("columns", {})
    seen = {column.name: column.values for column in upload.columns}
    values = dict(keys.get("values", {}))
    for name, column in keys.get("columns", {}).items():
        if name not in values and before.get(name) != column and name in CODED:
            found = meanings(name, seen.get(column, ()), words.of(upload.given.agency, SYSTEM))
            values |= {name: found} if found else {}
    return {**keys, "values": values}


def request_of(upload: Upload, path: Path, registry: Registry, words: SourceTable) -> ImportRequest:
    """What the engine is asked; WrongMapping for a mapping that cannot be used."""
    given, mapping = upload.given, None
    if given.is_table and upload.keys is not None:
        mapping = read_mapping(upload.keys, KINDS[given.kind])
    return ImportRequest(
        [path], given.agency, given.form, registry, mapping, upload.as_of, SYSTEM, given.kind, words,
        _READING, names=[given.name],
    )  # fmt: skip


def preview(request: ImportRequest) -> list[Previewed]:
    """The first twenty rows."""
    return [_previewed(row) for row in islice(JudgedRows(request), PREVIEWED)]


def _previewed(row: JudgedRow) -> Previewed:
    if row.judged is None or row.refusals:
        return Previewed(row.line, "", {}, row.refusals)
    event = msgspec.json.decode(row.judged.event)
    return Previewed(row.line, row.judged.subject, event["data"], [])
