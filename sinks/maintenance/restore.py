"""Restoring a backup: into tables beside the ones in use, which are exchanged once all of it is there."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import zstandard

from emc.errors import InputError
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import files as migrations
from sinks.clickhouse.migrate import migrate
from sinks.maintenance.backup import FORMAT, MANIFEST, File, Manifest, Table
from sinks.maintenance.erasure import erase_again
from sinks.maintenance.exchange import beside, switch
from sinks.maintenance.seal import MARK, Seal

_FILE = re.compile(r"[a-z_]+/[0-9]{6}\.native\.zst").fullmatch
_LARGEST = 2 * 1024**3
"""Bytes of one file unpacked; a backup's own hold some 250 000 rows, a tenth of that."""


class BrokenBackup(InputError):
    """The directory holds no backup, or one that is damaged or not for this program."""


def restore(database: Database, folder: Path, *, replace: bool = False, seal: Seal | None = None) -> Manifest:
    """Puts a backup's tables in the place of those of the database. No worker may be running.

    With `seal`, only a backup that bears its mark.
    BrokenBackup (before anything is changed), InputError when the tables hold data and `replace` is false,
    ComponentError when the engine fails: the tables are then as they were.
    """
    database.require_one_server("emc restore")
    manifest = read_manifest(folder, seal)
    for table, file in _files(manifest):
        _content(folder, table, file)
    migrate(database)
    if not replace and database.query("SELECT 1 FROM commits LIMIT 1"):
        raise InputError(f"the tables of {database.name} hold data already; say --replace to lose them")
    with beside(database, "restored") as fresh:
        for table, file in _files(manifest):
            fresh.insert_native(table.name, table.columns, _content(folder, table, file))
        erase_again(fresh, database)
        switch(database, fresh, sorted({*(table.name for table in manifest.tables), "erased"}))
    return manifest


def read_manifest(folder: Path, seal: Seal | None = None) -> Manifest:
    """What a backup says of itself; BrokenBackup when there is none, or one of a newer program, or it does
    not bear the mark of `seal`.
    """
    try:
        text = (folder / MANIFEST).read_bytes()
        manifest = msgspec.json.decode(text, type=Manifest)
    except (OSError, msgspec.MsgspecError):
        raise BrokenBackup(
            f"{folder} holds no complete backup: {MANIFEST} is missing or unreadable"
        ) from None
    if seal is not None and not _is_marked(folder, text, seal):
        raise BrokenBackup(
            f"{folder} does not bear the mark of this key: it was written or changed by somebody else, or by"
            " a program without marks; say --unknown to restore it all the same"
        )
    newest = max(int(path.name[:4]) for path in migrations())
    if manifest.format != FORMAT or manifest.migration > newest:
        raise BrokenBackup(f"{folder} was written by a newer program: upgrade this one first")
    for table in manifest.tables:
        _check(folder, table)
    return manifest


def _is_marked(folder: Path, manifest: bytes, seal: Seal) -> bool:
    try:
        return seal.is_valid(manifest, (folder / MARK).read_bytes())
    except OSError:
        return False


def _check(folder: Path, table: Table) -> None:
    """A manifest is only text, and its names go into statements and paths: they must be the schema's."""
    known = schema.BY_NAME.get(table.name)
    if known is None or not set(table.columns) <= set(known.columns):
        raise BrokenBackup(f"{folder / MANIFEST} names a table or column that this program has not")
    for file in table.files:
        if not _FILE(file.name) or file.name.partition("/")[0] != table.name:
            raise BrokenBackup(f"{folder / MANIFEST} names a file that no backup of {table.name} has")


def contents(folder: Path) -> Iterator[bytes]:
    """Every file of a backup, unpacked; BrokenBackup as `restore`."""
    for table, file in _files(read_manifest(folder)):
        yield _content(folder, table, file)


def _files(manifest: Manifest) -> Iterator[tuple[Table, File]]:
    for table in manifest.tables:
        for file in table.files:
            yield table, file


def _content(folder: Path, table: Table, file: File) -> bytes:
    """The rows of a file, which must be what was written."""
    path = folder / file.name
    try:
        if path.is_symlink() or path.parent.is_symlink():
            raise BrokenBackup(f"{path} is a link, expected a file of the backup")
        if path.stat().st_size != file.bytes:
            raise BrokenBackup(f"{path} of the table {table.name} is damaged: its size differs")
        packed = path.read_bytes()
    except OSError as error:
        raise BrokenBackup(f"{path} cannot be read ({error.strerror})") from None
    if hashlib.sha256(packed).hexdigest() != file.sha256:
        raise BrokenBackup(f"{folder / file.name} of the table {table.name} is damaged: its SHA-256 differs")
    try:
        if zstandard.frame_content_size(packed) > _LARGEST:
            raise zstandard.ZstdError
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST)
    except zstandard.ZstdError:
        raise BrokenBackup(f"{path} is no file of a backup, or unpacks to more than 2 GiB") from None
