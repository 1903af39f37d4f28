"""The databases that tests are lent: what one test did, none after it sees."""

import pytest

from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import QueryRefused
from sinks.clickhouse.migrate import files, load_tables
from tests.databases import Shelf
from tests.engine import engine_directory


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    """A shelf of its own in the engine of this process."""
    return Shelf(lambda name: Database(engine_directory(), database=name))


def rows(database: Database, *tables: str) -> list[int]:
    """How many rows tables have, those that were replaced included."""
    return [int(database.query(f"SELECT count() FROM {table}")[0][0]) for table in tables]


def test_it_is_lent_again_as_new(shelf: Shelf) -> None:
    with shelf.lent() as database:
        name = database.name
        database.insert("commits", {"agency": ["H25"]})
        load_tables(database)
        assert rows(database, "commits", "agencies") == [1, 2 * len(load_registry().agencies)]
    with shelf.lent() as database:
        assert database.name == name
        assert rows(database, "commits", "agencies", "migrations") == [
            0, len(load_registry().agencies), len(files()),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE commits ADD COLUMN y UInt8",
        "DROP TABLE commits SYNC",
        "CREATE TABLE more (x UInt8) ENGINE = Memory",
        "INSERT INTO migrations (number, name) VALUES (9999, 'later')",
    ],
)
def test_one_with_other_tables_is_dropped(shelf: Shelf, change: str) -> None:
    with shelf.lent() as database:
        name = database.name
        database.command(change)
    with shelf.lent() as database:
        assert database.name != name
        assert database.query(f"SELECT count() FROM system.databases WHERE name = '{name}'") == [(0,)]


def test_one_whose_test_failed_is_not_lent_again(shelf: Shelf) -> None:
    with shelf.lent() as one:
        pass
    with pytest.raises(QueryRefused), shelf.lent() as database:
        database.query("SELECT nothing")
    with shelf.lent() as database:
        assert database.name != one.name


def test_columns_of_a_table_are_read_anew(shelf: Shelf) -> None:
    with shelf.lent() as database:
        database.insert("commits", {"agency": ["H25"]})
    with shelf.lent() as database:
        database.command("ALTER TABLE commits ADD COLUMN y UInt8")
        database.insert("commits", {"agency": ["H25"], "y": [7]})
        assert database.query("SELECT y FROM commits") == [(7,)]
