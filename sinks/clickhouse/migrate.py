"""Numbered migrations: every file in `migrations/` is applied once, in order, then the registry is loaded.

Two processes may start at once. ClickHouse has no locks, but `CREATE TABLE` without `IF NOT EXISTS` succeeds
for one of them only: that table is the lock. A lock whose holder was killed is taken over after a minute;
should the holder be alive after all, nothing breaks, because every statement may run twice (a test holds it).
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from emc.figures import load_reported_figures
from emc.instants import day_number, now_us
from emc.registry import load_registry
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import NOT_MIGRATED, QueryRefused

FOLDER = Path(__file__).parent / "migrations"
_TABLE_EXISTS, _UNKNOWN_TABLE = 57, 60
_ABANDONED_SECONDS = 60.0
MIGRATIONS = """CREATE TABLE IF NOT EXISTS migrations
(
    number UInt32 COMMENT 'Number of the migration: the first four digits of its file',
    name String COMMENT 'Name of the file',
    applied_at DateTime64(3, 'UTC') COMMENT 'When it was applied'
)
ENGINE = ReplacingMergeTree
ORDER BY number
COMMENT 'Migrations that were applied'"""


def migrate(database: Database, folder: Path = FOLDER) -> list[int]:
    """Brings the database up to date and returns the numbers applied now; an empty list when it was."""
    database.create()
    with _locked(database):
        database.change(MIGRATIONS)
        done = applied_to(database)
        applied = [_apply(database, path) for path in files(folder) if int(path.name[:4]) not in done]
        load_tables(database)
    return applied


def applied_to(database: Database) -> set[int]:
    """The numbers that were applied; none where there is no database yet."""
    try:
        return {number for (number,) in database.query("SELECT number FROM migrations FINAL")}
    except QueryRefused as error:
        if error.code in NOT_MIGRATED:
            return set()
        raise


def files(folder: Path = FOLDER) -> list[Path]:
    """The migrations in order."""
    return sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def statements(text: str) -> list[str]:
    """The statements of a migration: each ends with a semicolon at the end of a line; comment lines are
    dropped.
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in re.split(r";\s*\n", "\n".join(lines) + "\n") if part.strip()]


def load_tables(database: Database) -> None:
    """Writes the agency registry and the published figures as the data files say them today."""
    version = now_us() // 1000
    agencies = list(load_registry().agencies.values())
    _load(database, schema.AGENCIES, agencies, version)
    _load(database, schema.REPORTED_FIGURES, load_reported_figures(), version)


def _load(database: Database, table: schema.Table, rows: Sequence[object], version: int) -> None:
    names = (name for name in table.stored if name != "version")
    columns = {name: [_stored(getattr(row, name)) for row in rows] for name in names}
    columns["version"] = [version] * len(rows)
    if table is schema.AGENCIES:
        columns["successor"] = [code or "" for code in columns["successor"]]
    database.insert(table.name, columns)


def _stored(value: object) -> object:
    return day_number(value) if isinstance(value, date) else value


def _apply(database: Database, path: Path) -> int:
    for statement in statements(path.read_text(encoding="utf-8")):
        database.change(statement)
    number = int(path.name[:4])
    row: dict[str, list[object]] = {"number": [number], "name": [path.name], "applied_at": [now_us() // 1000]}
    database.insert("migrations", row)
    return number


@contextmanager
def _locked(database: Database) -> Iterator[None]:
    waiting_since, holder = time.monotonic(), ""
    while not _try_lock(database):
        seen = _holder(database)
        if seen != holder:
            waiting_since, holder = time.monotonic(), seen
        elif time.monotonic() - waiting_since > _ABANDONED_SECONDS:
            database.change("DROP TABLE IF EXISTS migration_lock SYNC")
        time.sleep(0.1)
    try:
        yield
    finally:
        database.change("DROP TABLE IF EXISTS migration_lock SYNC")


def _try_lock(database: Database) -> bool:
    try:
        database.change(
            "CREATE TABLE migration_lock (x UInt8) ENGINE = Memory COMMENT 'Held while migrations run'"
        )
    except QueryRefused as error:
        if error.code == _TABLE_EXISTS:
            return False
        raise
    return True


def _holder(database: Database) -> str:
    found = database.query(
        "SELECT toString(uuid) FROM system.tables"
        " WHERE database = currentDatabase() AND name = 'migration_lock'"
    )
    return str(found[0][0]) if found else ""
