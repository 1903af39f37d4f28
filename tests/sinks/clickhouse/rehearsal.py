"""The tables of a cluster, made in the engine of the tests: one shard of one replica, without Keeper.

What the engine lacks is left out of the statements: other nodes (`ON CLUSTER`), replication, and a cluster by
name, for which the table function `remote` stands, whose tables are Distributed ones too.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sinks.clickhouse.cluster import Cluster, clustered
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import MIGRATIONS, files, load_tables, statements
from tests.engine import embedded_database

_BEFORE = re.compile(
    r"CREATE (OR REPLACE )?TABLE (IF NOT EXISTS )?(?P<name>\S+) +AS \S+ ENGINE = "
    r"Distributed\(\S+, (?P<database>\S+), (?P<table>`\w+`)(?:, (?P<key>.+))?\)"
)


def on_one_node(statement: str) -> str:
    """A statement of a cluster without what this engine has not."""
    alone = re.sub(r" ON CLUSTER `\w+`", "", statement)
    alone = re.sub(r"Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?", r"\1(", alone)
    if found := _BEFORE.fullmatch(alone):
        key = f", 'default', '', {found['key']}" if found["key"] else ""
        place = f"{found['database']}, {found['table']}".replace("`", "'")
        return f"CREATE OR REPLACE TABLE {found['name']} AS remote('127.0.0.1', {place}{key})"
    return alone


def every_statement() -> list[str]:
    """Of the migrations, in order, after the table that tells of them."""
    return [MIGRATIONS, *(each for path in files() for each in statements(path.read_text("utf-8")))]


@contextmanager
def rehearsed_database() -> Iterator[Database]:
    """A fresh database whose tables are those of a cluster, as far as this engine can."""
    with embedded_database(migrated=False) as database:
        cluster = Cluster("nation", database.name)
        with database.sibling(cluster.shard) as shard:
            database.create()
            shard.create()
            for statement in every_statement():
                for on_cluster in clustered(statement, cluster):
                    shard.command(on_one_node(on_cluster))
            load_tables(database)
            yield database
            database.command(f"DROP DATABASE `{shard.name}` SYNC")
