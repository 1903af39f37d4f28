"""The description of the tables is what the migrations make, and the rest follows from it."""

import re

import pytest

from emc.settings.upkeep import Upkeep
from sinks.audit import states
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.clickhouse.schema.table import Computed, Table
from streams.batch.rows import COLUMNS
from tests.deploy.clickhouse_as import policy


def test_the_migrated_tables_are_those_described(database: Database) -> None:
    made = database.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'View' ORDER BY name"
    )
    assert [name for (name,) in made] == sorted(schema.BY_NAME)
    assert len(schema.BY_NAME) == len(schema.TABLES)


@pytest.mark.parametrize("table", schema.TABLES, ids=lambda table: table.name)
def test_a_migrated_table_is_as_described(database: Database, table: Table) -> None:
    columns = database.query(
        "SELECT name, type, default_kind = 'ALIAS' FROM system.columns"
        " WHERE database = currentDatabase() AND table = {table:String} ORDER BY position",
        {"table": table.name},
    )
    assert columns == [(name, kind, isinstance(kind, Computed)) for name, kind in table.columns.items()]
    ((engine, key, partition),) = database.query(
        "SELECT engine_full, sorting_key, partition_key FROM system.tables"
        " WHERE database = currentDatabase() AND name = {table:String}",
        {"table": table.name},
    )
    assert re.split(r" (?:PARTITION|ORDER) BY", engine)[0] == table.engine
    assert tuple(key.split(", ")) == table.key
    assert partition == (table.partition.sql if table.partition else "")


def test_rows_are_there_before_the_commits_that_tell_of_them_and_those_before_positions() -> None:
    assert list(COLUMNS)[-2:] == ["commits", "positions"]
    assert [table.turn for table in schema.WRITTEN] == sorted(table.turn or 0 for table in schema.WRITTEN)


def test_a_backup_reads_in_the_opposite_order_and_what_was_pruned_at_the_end() -> None:
    names = sorted([*schema.BY_NAME, "of_tomorrow"], key=schema.written_last_first)
    assert names[:2] == ["positions", "commits"]
    assert names.index("of_tomorrow") < names.index("upkeep")


def test_the_audit_compares_every_column_of_a_dossier() -> None:
    compared = {*states.DOSSIER_TEXTS, *states.DOSSIER_INSTANTS, *states.DOSSIER_FLAGS}
    otherwise = {"status", "signature", "month", "registers", "version", *schema.DOSSIERS.key}
    assert compared | otherwise == {*schema.DOSSIERS.stored}
    assert not compared & otherwise


def test_every_table_that_is_dropped_by_months_has_a_setting() -> None:
    upkeep = Upkeep(events_days=1, rejections_days=2)
    assert [upkeep.days_kept(table) for table in schema.BY_MONTHS] == [1, 2]


def test_an_agency_sees_its_own_rows_of_every_table_that_has_an_agency() -> None:
    kept_from_them = (schema.Role.ACCESS, schema.Role.RECORD)
    of_agencies = {
        table.name
        for table in schema.TABLES
        if "agency" in table.columns and table.role not in kept_from_them
    }
    assert of_agencies == set(policy("own_rows")[0]) == set(policy("all_rows")[0])
