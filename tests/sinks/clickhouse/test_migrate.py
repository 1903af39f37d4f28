"""Migrations: from nothing, again, by two at once, and a comment on everything they make."""

import threading
from pathlib import Path

import pytest

from emc.figures import load_reported_figures
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import files, migrate, statements
from tests.databases import new_name
from tests.engine import Front, embedded_database


def test_a_migration_runs_once(either: Database) -> None:
    assert migrate(either) == []
    assert either.query("SELECT number, name FROM migrations FINAL ORDER BY number") == [
        (int(path.name[:4]), path.name) for path in files()
    ]


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in files()] == list(range(1, len(files()) + 1))


def test_every_statement_may_run_twice(database: Database) -> None:
    for path in files():
        for statement in statements(path.read_text()):
            database.command(statement)


def test_a_merge_reads_few_parts_of_wide_rows_at_once(database: Database) -> None:
    """A merge makes one level more, of at most eight parts: its memory grows by the part."""
    for table, codes in {"events": "agency, id", "dossiers": "agency, dossier"}.items():
        database.command(f"SYSTEM STOP MERGES {table}")
        for n in range(20):
            database.command(f"INSERT INTO {table} ({codes}) VALUES ('G01', '{n}')")
        database.command(f"SYSTEM START MERGES {table}")
        for _ in range(5):
            database.command(f"OPTIMIZE TABLE {table}")
        parts = database.query(
            "SELECT level, max_block_number - min_block_number + 1 FROM system.parts"
            " WHERE database = currentDatabase() AND table = {table:String} AND active",
            {"table": table},
        )
        assert max(level for level, _ in parts) >= 1
        assert all(blocks <= 8**level for level, blocks in parts), parts


def test_the_database_is_created(front: Front) -> None:
    with Database(front.url(new_name())) as database:
        assert migrate(database) == [int(path.name[:4]) for path in files()]


def test_two_at_once_apply_each_migration_once(front: Front) -> None:
    url, applied = front.url(new_name()), []

    def run() -> None:
        with Database(url) as database:
            applied.extend(migrate(database))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [int(path.name[:4]) for path in files()]
    with Database(url) as database:
        assert database.query("SELECT count() FROM system.tables WHERE name = 'migration_lock'") == [(0,)]


def test_a_lock_whose_holder_was_killed_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sinks.clickhouse.migrate._ABANDONED_SECONDS", 0.2)
    with embedded_database(migrated=False) as database:
        database.create()
        database.command("CREATE TABLE migration_lock (x UInt8) ENGINE = Memory")
        assert migrate(database) == [int(path.name[:4]) for path in files()]


def test_a_migration_added_later_is_applied_alone(database: Database, tmp_path: Path) -> None:
    for path in files():
        (tmp_path / path.name).write_text(path.read_text())
    number = len(files()) + 1
    added = "ALTER TABLE commits ADD COLUMN IF NOT EXISTS y UInt8 COMMENT 'a;b';\n"
    (tmp_path / f"{number:04d}_more.sql").write_text(f"-- A comment; with a semicolon\n{added}")
    assert migrate(database, tmp_path) == [number]
    database.insert("commits", {"agency": ["H25"], "y": [7]})
    assert database.query("SELECT y FROM commits") == [(7,)]


def test_every_table_and_column_has_a_comment(database: Database) -> None:
    tables = database.query("SELECT name, comment FROM system.tables WHERE database = currentDatabase()")
    assert len(tables) >= 16
    assert [name for name, comment in tables if not comment] == []
    columns = database.query(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = ''"
    )
    assert columns == []


def test_the_registry_and_the_published_figures_are_loaded(database: Database) -> None:
    agencies = database.rows("SELECT * FROM agencies FINAL ORDER BY code")
    assert [row["code"] for row in agencies] == sorted(load_registry().agencies)
    hanam = next(row for row in agencies if row["code"] == "H25")
    assert (hanam["name"], hanam["successor"], hanam["valid_to"]) == ("Hà Nam", "H42", 20269)
    assert hanam["emc_connection_2024_04"] == "not-full"
    figures = database.query("SELECT count(), countIf(unit = 'percent') FROM reported_figures FINAL")
    assert figures[0][0] == len(load_reported_figures())
    migrate(database)
    assert database.query("SELECT count() FROM agencies FINAL") == [(len(agencies),)]
