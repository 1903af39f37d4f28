"""Old and new workers together: a worker goes on writing after a newer program has migrated the tables."""

import re
import shutil
from pathlib import Path
from typing import Any

from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import files, migrate, statements
from streams.batch.rows import COLUMNS

# What an older worker can live with. A column is never dropped, renamed or given another type or meaning;
# a key never changes. Whoever needs that makes a new table.
ALLOWED = re.compile(
    r"CREATE (TABLE IF NOT EXISTS|VIEW IF NOT EXISTS|OR REPLACE VIEW) \w+\b.*"
    r"|ALTER TABLE \w+ ADD COLUMN IF NOT EXISTS \S+ .+ (DEFAULT|ALIAS|MATERIALIZED) .+"
    r"|ALTER TABLE \w+ (MODIFY COMMENT|COMMENT COLUMN IF EXISTS|ADD INDEX IF NOT EXISTS) .+"
    r"|ALTER TABLE \w+ MODIFY SETTING max_parts_to_merge_at_once = \d+",  # not what rows say
    re.DOTALL,
)
OF_TYPE: dict[str, Any] = {"Date": 19_000, "String": "x", "Enum8": "receipt", "Nullable": None}


def row_of(database: Database, table: str) -> dict[str, list[Any]]:
    """One row of the columns that the worker of today writes."""
    types: dict[str, str] = dict(
        database.query(
            "SELECT name, type FROM system.columns"
            " WHERE database = currentDatabase() AND table = {table:String}",
            {"table": table},
        )
    )
    kinds = {
        name: types[name].removeprefix("LowCardinality(").split("(")[0].rstrip(")") for name in COLUMNS[table]
    }
    return {name: [OF_TYPE.get(kind, 1)] for name, kind in kinds.items()}


def later_folder(tmp_path: Path) -> Path:
    """Today's migrations and one of tomorrow, which adds a column to every table that workers write."""
    folder = tmp_path / "migrations"
    shutil.copytree(files()[0].parent, folder)
    added = "".join(
        f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS of_tomorrow String DEFAULT 'unsaid' COMMENT 'New';\n"
        for table in COLUMNS
    )
    (folder / "9999_tomorrow.sql").write_text(added, encoding="utf-8")
    return folder


def test_a_worker_of_today_writes_into_the_tables_of_tomorrow(either: Database, tmp_path: Path) -> None:
    rows = {table: row_of(either, table) for table in COLUMNS}
    for table, row in rows.items():
        either.insert(table, row)
    assert migrate(either, later_folder(tmp_path)) == [9999]
    for table, row in rows.items():
        either.insert(table, row)  # with the columns that it knew before
        assert either.query(f"SELECT DISTINCT of_tomorrow FROM {table}") == [("unsaid",)]


def test_a_worker_of_today_that_starts_after_it_changes_nothing(database: Database, tmp_path: Path) -> None:
    migrate(database, later_folder(tmp_path))
    assert migrate(database) == []
    rows = {table: row_of(database, table) for table in COLUMNS}
    for table, row in rows.items():
        assert "of_tomorrow" not in row
        database.insert(table, row)


def test_migrations_only_add() -> None:
    for path in files():
        for statement in statements(path.read_text(encoding="utf-8")):
            assert ALLOWED.fullmatch(statement), f"{path.name}: {statement[:80]}"


def test_an_added_column_needs_a_default() -> None:
    assert ALLOWED.fullmatch("ALTER TABLE rates ADD COLUMN IF NOT EXISTS note String DEFAULT ''")
    for forbidden in (
        "ALTER TABLE rates ADD COLUMN note String",
        "ALTER TABLE rates DROP COLUMN note",
        "ALTER TABLE rates RENAME COLUMN note TO remark",
        "ALTER TABLE rates MODIFY COLUMN note UInt8",
        "DROP TABLE rates",
    ):
        assert not ALLOWED.fullmatch(forbidden)
