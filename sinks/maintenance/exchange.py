"""Putting tables filled beside the ones in use into their place.

Every table is exchanged by itself, atomically; all of them together are not. So nobody may write meanwhile,
`commits` goes first, and its versions are moved: whatever worker starts next, also after a kill between two
exchanges, finds no local store of the same version, rebuilds each agency from the states in ClickHouse, and
reads on from the smaller of Kafka's committed offset and `positions`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import SystemRandom

from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate

_LEAST, _MOST = 1 << 10, 1 << 18  # below the spare bits of a version


@contextmanager
def beside(database: Database, purpose: str) -> Iterator[Database]:
    """An empty migrated database on the same engine, gone at the end of the block whatever happens.

    What a killed attempt left behind is dropped first.
    """
    database.require_one_server("emc rebuild")
    with database.sibling(f"{database.name}_{purpose}") as other:
        drop(database, other.name)
        migrate(other)
        try:
            yield other
        finally:
            drop(database, other.name)


def drop(database: Database, name: str) -> None:
    """Drops another database of the same engine, with all that is in it."""
    database.command(f"DROP DATABASE IF EXISTS `{name}` SYNC")


def version_gap() -> int:
    """By how much the versions in `commits` are moved, so that no local store happens to have them."""
    return SystemRandom().randrange(_LEAST, _MOST)


def switch(database: Database, other: Database, tables: Sequence[str]) -> None:
    """Exchanges the tables with those of the other database, `commits` first. No worker may be running."""
    if "commits" in tables:
        other.command(
            f"INSERT INTO commits SELECT * REPLACE (version + {version_gap()} AS version) FROM commits FINAL"
        )
    for table in sorted(tables, key=lambda table: (table != "commits", table == "positions")):
        database.command(f"EXCHANGE TABLES `{database.name}`.`{table}` AND `{other.name}`.`{table}`")
