"""Backups: every table as files of ClickHouse's Native format, taken while the workers write.

Why a copy read table by table, at different moments, is consistent: `positions` is read first, then
`commits`, then all the rest. A batch writes in the opposite order, so everything up to the position that was
read stands in the tables read later, and they may hold more. What they hold more, wholly or in part, is
harmless: after a restore the stream reads on from that position, folds the same events again into the same
states (the fold is a join), and every row it writes is absolute. `upkeep` is read last: it says what was
dropped before a table was read.

    DIR/manifest.json                  written last: without it a backup is not one
    DIR/manifest.hmac                  the mark of whoever has the key, see `seal`
    DIR/<table>/<number>.native.zst    rows in Native format, compressed with Zstandard
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import cramjam
import msgspec

from emc.errors import DataDirectoryError, InputError
from emc.instants import format_instant, now_us
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.maintenance.seal import MARK, Seal

FORMAT = 1
MANIFEST = "manifest.json"
ROWS = 250_000
"""Rows of one file, about: what is held in memory at a time."""


class File(msgspec.Struct, frozen=True):
    """One file: its name below the directory, its size, and the SHA-256 of its bytes."""

    name: str
    bytes: int
    sha256: str


class Table(msgspec.Struct, frozen=True):
    """A table's stored columns and files."""

    name: str
    columns: list[str]
    files: list[File]


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds, and the number of the last migration of the database it was taken of."""

    format: int
    taken_at: str
    migration: int
    tables: list[Table]

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(file.bytes for table in self.tables for file in table.files)


def backup(
    database: Database, folder: Path, look: Callable[[], None] = lambda: None, seal: Seal | None = None
) -> Manifest:
    """Writes a backup into a folder, which must be empty or new; `seal` marks it as ours.

    InputError when it is not empty, DataDirectoryError when it cannot be written, ComponentError when the
    engine fails: the backup then lacks its manifest, and is none. `look` is called before each file, and may
    raise to give it up.
    """
    database.require_one_server("emc backup")
    taken_at = format_instant(now_us())
    ((migration,),) = database.query("SELECT max(number) FROM migrations")  # it answers: now the folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"{folder} is not empty, expected a new or empty directory")
        tables = [_save(database, folder, table, look) for table in _in_order(database)]
        manifest = Manifest(FORMAT, taken_at, int(migration), tables)
        text = msgspec.json.format(msgspec.json.encode(manifest))
        if seal is not None:
            _write(folder / MARK, seal.mark(text))
        _write(folder / MANIFEST, text)
    except OSError as error:
        raise DataDirectoryError(f"{folder} cannot be written ({error.strerror})") from None
    return manifest


def _in_order(database: Database) -> list[str]:
    rows = database.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
    )
    names = sorted({name for (name,) in rows} - schema.NOT_SAVED)
    return sorted(names, key=schema.written_last_first)


def _save(database: Database, folder: Path, table: str, look: Callable[[], None]) -> Table:
    columns = [
        name
        for (name,) in database.query(
            "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}"
            " AND default_kind NOT IN ('ALIAS', 'MATERIALIZED') ORDER BY position",
            {"table": table},
        )
    ]
    (folder / table).mkdir()
    listed = ", ".join(f"`{name}`" for name in columns)
    files = []
    for number, condition in enumerate(_pieces(database, table, "agency" in columns)):
        look()
        selected = f"FROM `{table}` FINAL WHERE {condition}"
        block = database.read_native(f"SELECT {listed} {selected}")
        if block:
            name = f"{table}/{number:06}.native.zst"
            packed = bytes(cramjam.zstd.compress(block, level=1))
            _write(folder / name, packed)
            files.append(File(name, len(packed), hashlib.sha256(packed).hexdigest()))
    return Table(table, columns, files)


def _pieces(database: Database, table: str, has_agency: bool) -> Iterator[str]:
    """Conditions that cut a table into files: the whole, or by partition, agency and a hash of the key."""
    ((rows,),) = database.query(f"SELECT count() FROM `{table}`")
    if rows <= ROWS:
        yield "true"
        return
    ((key, partition),) = database.query(
        "SELECT sorting_key, partition_key FROM system.tables"
        " WHERE database = currentDatabase() AND name = {table:String}",
        {"table": table},
    )
    month = partition or "0"
    agency = "toString(agency)" if has_agency else "''"
    groups = database.query(
        f"SELECT {month} AS month, {agency} AS whose, count() FROM `{table}` GROUP BY month, whose"
        " ORDER BY month, whose"
    )
    for in_month, whose, count in groups:
        condition = f"({month}) = {in_month} AND {agency} = '{_quoted(whose)}'"
        slices = -(-count // ROWS)
        for number in range(slices):
            yield condition if slices == 1 else f"{condition} AND cityHash64({key}) % {slices} = {number}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _write(path: Path, content: bytes) -> None:
    """On the disk before it is counted on."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
