"""What the migrations become on a cluster: parsed by the engine, and made in it as far as one node can."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emc.errors import EmcError, SettingError
from emc.settings.clickhouse import ClickHouseAccess
from sinks.clickhouse import schema
from sinks.clickhouse.cluster import SETTINGS, Cluster, clustered
from sinks.clickhouse.database import Database
from sinks.clickhouse.engine import Server
from sinks.clickhouse.schema.table import Table
from sinks.maintenance.backup import backup
from sinks.maintenance.erasure import erase
from sinks.maintenance.exchange import beside
from sinks.maintenance.thinning import thin
from sinks.queries.visible import guarded
from tests.sinks.clickhouse.rehearsal import every_statement, rehearsed_database

NATION = Cluster("nation", "emc")
WRITTEN = every_statement()
ON_CLUSTER = [each for statement in WRITTEN for each in clustered(statement, NATION)]


@pytest.fixture(scope="module")
def rehearsed() -> Iterator[Database]:
    """The tables of a cluster, in one engine."""
    with rehearsed_database() as database:
        yield database


def test_the_engine_parses_every_statement_as_one_of_all_nodes(rehearsed: Database) -> None:
    assert len(ON_CLUSTER) > len(WRITTEN)
    for statement in ON_CLUSTER:
        ((said,),) = rehearsed.query(
            "SELECT formatQuerySingleLine({statement:String})", {"statement": statement}
        )
        assert "ON CLUSTER nation" in said or "ON CLUSTER `nation`" in said, said


@pytest.mark.parametrize("table", schema.TABLES, ids=lambda table: table.name)
def test_a_table_is_replicated_and_all_versions_of_a_row_are_on_one_shard(table: Table) -> None:
    made = [
        each for each in ON_CLUSTER if f".`{table.name}` ON CLUSTER" in each and each.startswith("CREATE")
    ]
    stored, before = made[0], made[1:]
    kind, _, arguments = table.engine.rstrip(")").partition("(")
    place = f"{{shard}}/emc_shard/{table.name}', '{{replica}}'"
    if not table.sharded_by:
        place = f"all/emc/{table.name}', '{{shard}}-{{replica}}'"
    expected = ", ".join([f"'/clickhouse/tables/{place}", *filter(None, [arguments])])
    assert f"ENGINE = Replicated{kind}({expected})" in stored
    assert {*table.sharded_by} <= {*table.key}
    key = f"cityHash64({', '.join(table.sharded_by)}))"
    assert [each.endswith(key) for each in before] == [True] * bool(table.sharded_by)


def test_what_has_an_agency_in_its_key_is_sharded_by_it_and_positions_are_everywhere() -> None:
    by_agency = {table.name for table in schema.TABLES if table.sharded_by == ("agency",)}
    assert {"events", "dossiers", "tallies", "rates", "commits"} <= by_agency
    assert schema.REJECTIONS.sharded_by == ("topic", "partition")
    assert not {"positions", "migrations", "agencies", "tokens", "sessions"} & by_agency


@pytest.mark.parametrize("table", schema.TABLES, ids=lambda table: table.name)
def test_what_is_read_there_has_the_columns_described(rehearsed: Database, table: Table) -> None:
    columns = rehearsed.query(
        "SELECT name, type FROM system.columns WHERE database = currentDatabase()"
        " AND table = {table:String} ORDER BY position",
        {"table": table.name},
    )
    assert columns == [(name, str(kind)) for name, kind in table.columns.items()]


def test_rows_go_to_the_shard_and_are_read_with_final_by_whom_they_are_for(rehearsed: Database) -> None:
    for version in (1, 2):
        columns = {
            "agency": ["H25", "G01"],
            "source": ["/agencies/H25", "/agencies/G01"],
            "feed": ["push"] * 2,
        }
        rehearsed.insert("feeds", {**columns, "seen_at": [version, version]})
    assert rehearsed.query(f"SELECT count() FROM `{rehearsed.name}_shard`.feeds") == [(4,)]
    wanted = "SELECT agency, seen_at FROM feeds FINAL ORDER BY agency"
    assert rehearsed.query(wanted) == [("G01", 2), ("H25", 2)]
    assert guarded(rehearsed, frozenset({"H25"})).query(wanted) == [("H25", 2)]
    twice = (
        "SELECT count() FROM feeds FINAL WHERE agency IN (SELECT agency FROM feeds WHERE agency = 'H25')"
        f" SETTINGS distributed_product_mode = '{SETTINGS['distributed_product_mode']}'"
    )
    assert rehearsed.query(twice) == [(1,)]


def test_a_statement_without_a_form_on_a_cluster_is_refused() -> None:
    with pytest.raises(EmcError, match="no form on a cluster: CREATE MATERIALIZED VIEW x"):
        clustered("CREATE MATERIALIZED VIEW x TO y AS SELECT 1", NATION)


def test_a_change_of_settings_is_one_of_the_stored_table_alone() -> None:
    changed = clustered("ALTER TABLE events MODIFY SETTING merge_max_block_size = 1024", NATION)
    assert changed == [
        "ALTER TABLE `emc_shard`.`events` ON CLUSTER `nation` MODIFY SETTING merge_max_block_size = 1024"
    ]


def test_the_engine_knows_every_setting_of_a_session_on_a_cluster(rehearsed: Database) -> None:
    listed = {"names": sorted(SETTINGS)}
    known = rehearsed.query("SELECT name FROM system.settings WHERE name IN {names:Array(String)}", listed)
    assert {name for (name,) in known} == {*SETTINGS}


def test_the_setting_makes_a_server_a_node_of_the_cluster() -> None:
    access = ClickHouseAccess(cluster="nation")
    assert Server(access.url("http://writer@node-1:8123/emc")).cluster == NATION
    assert Server("http://writer@node-1:8123/emc").cluster is None


def test_what_knows_no_cluster_refuses_in_one_sentence_and_nothing_is_thinned(tmp_path: Path) -> None:
    database = Database("http://writer@127.0.0.1:1/emc?cluster=nation")
    for refused in (
        lambda: backup(database, tmp_path / "backup"),
        lambda: erase(database, "H25.16-240305-0007"),
        lambda: beside(database, "rebuilt").__enter__(),
    ):
        with pytest.raises(
            SettingError, match="not made for a cluster, but EMC_CLICKHOUSE_CLUSTER is nation"
        ):
            refused()
    assert thin(database, 0) == 0
