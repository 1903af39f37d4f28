"""The tables on a cluster of ClickHouse servers: what a statement of a migration becomes there.

The migrations are written for one server, once. On a cluster each of their statements becomes those that
`clustered` returns:

* a table whose key says which shard a row is on (`Table.sharded_by`) is a replicated table in the database
  `<name>_shard`, and a Distributed one of the same name in the database itself, which is read and written;
* any other table is replicated on every node, for it is small or must be the same for all (`positions`);
* a view stands on each shard, over the rows there, with a Distributed table before it: what views join is of
  one agency, so it is on one shard.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from emc.errors import EmcError
from sinks.clickhouse.schema import BY_NAME

SETTINGS: dict[str, int | str] = {
    # An insert is acknowledged when every shard has its rows, on most of its replicas.
    "distributed_foreground_insert": 1,
    "insert_quorum": "auto",
    "insert_quorum_timeout": 60_000,
    # One after the other, or no replica could tell whether it has all that was acknowledged before.
    "insert_quorum_parallel": 0,
    "select_sequential_consistency": 1,
    # Rows are absolute: a repeated insert does no harm, one that is passed over as known could.
    "insert_deduplicate": 0,
    # A table inside IN or JOIN is read on all shards, never on one alone.
    "distributed_product_mode": "global",
    "optimize_skip_unused_shards": 1,
    "distributed_ddl_output_mode": "throw",
}
"""Of every session of a writer, beside those of one server; a reader's profile must have them, too."""

_TABLE = re.compile(
    r"CREATE TABLE (?P<absent>IF NOT EXISTS )?`?(?P<name>\w+)`?(?P<columns>\s*\(.*?\)\s*)"
    r"ENGINE = (?P<engine>\w+)(?:\((?P<arguments>[^()]*)\))?(?P<rest>.*)",
    re.DOTALL,
)
_VIEW = re.compile(
    r"CREATE (?P<how>OR REPLACE )?VIEW (?P<absent>IF NOT EXISTS )?(?P<name>\w+)(?P<rest>.*)", re.DOTALL
)
_ALTER = re.compile(r"ALTER TABLE (?P<name>\w+) (?P<change>.*)", re.DOTALL)
_DROP = re.compile(r"DROP TABLE IF EXISTS (?P<name>\w+)(?P<rest>.*)", re.DOTALL)
_OF_COLUMNS = re.compile(r"(ADD|DROP|MODIFY|RENAME|COMMENT) COLUMN\b")


class Cluster(NamedTuple):
    """A cluster by its name in the servers' `remote_servers`, and the database that is used there."""

    name: str
    database: str

    @property
    def shard(self) -> str:
        """The database of the rows that a node has itself."""
        return f"{self.database}_shard"

    @property
    def everywhere(self) -> str:
        """What makes a statement one of all nodes."""
        return f"ON CLUSTER `{self.name}`"

    def stored(self, table: str) -> str:
        """A table as a statement about its parts names it: where they are, on every node."""
        database = self.shard if _sharding(table) else self.database
        return f"`{database}`.`{table}` {self.everywhere}"


def clustered(statement: str, cluster: Cluster) -> list[str]:
    """The statements to run on any one node, in order, with `cluster.shard` as the session's database.

    EmcError when a migration holds what has no form on a cluster, such as a materialized view.
    """
    forms = ((_TABLE, _create_table), (_VIEW, _create_view), (_ALTER, _alter), (_DROP, _drop))
    for pattern, form in forms:
        if found := pattern.fullmatch(statement):
            return list(form(found, cluster))
    raise EmcError(f"a migration has no form on a cluster: {' '.join(statement.split()[:4])} …")


def _create_table(found: re.Match[str], cluster: Cluster) -> Iterator[str]:
    name, absent = found["name"], found["absent"] or ""
    made = f"CREATE TABLE {absent}{cluster.stored(name)}{found['columns']}"
    yield f"{made}ENGINE = {_engine(found, cluster)}{found['rest']}"
    if columns := _sharding(name):
        yield (
            f"CREATE TABLE {absent}`{cluster.database}`.`{name}` {cluster.everywhere}"
            f" AS `{cluster.shard}`.`{name}`"
            f" ENGINE = {_before(name, cluster)}, cityHash64({', '.join(columns)}))"
        )


def _before(name: str, cluster: Cluster) -> str:
    """The engine of the table before the shards, its sharding key and bracket left open."""
    return f"Distributed(`{cluster.name}`, `{cluster.shard}`, `{name}`"


def _engine(found: re.Match[str], cluster: Cluster) -> str:
    """Replicated, if it is of a kind that can be. A path of names: a node that joins later finds it again."""
    engine, arguments = found["engine"], found["arguments"] or ""
    if not engine.endswith("MergeTree"):
        return f"{engine}({arguments})" if arguments else engine
    name = found["name"]
    place = (
        f"'/clickhouse/tables/{{shard}}/{cluster.shard}/{name}', '{{replica}}'"
        if _sharding(name)
        else f"'/clickhouse/tables/all/{cluster.database}/{name}', '{{shard}}-{{replica}}'"
    )
    return f"Replicated{engine}({place}{', ' if arguments else ''}{arguments})"


def _create_view(found: re.Match[str], cluster: Cluster) -> Iterator[str]:
    name = found["name"]
    made = f"CREATE {found['how'] or ''}VIEW {found['absent'] or ''}"
    yield f"{made}`{cluster.shard}`.`{name}` {cluster.everywhere}{found['rest']}"
    # It holds no rows, so it is made anew with whatever columns the view has now.
    yield (
        f"CREATE OR REPLACE TABLE `{cluster.database}`.`{name}` {cluster.everywhere}"
        f" AS `{cluster.shard}`.`{name}` ENGINE = {_before(name, cluster)})"
    )


def _alter(found: re.Match[str], cluster: Cluster) -> Iterator[str]:
    name, change = found["name"], found["change"]
    yield f"ALTER TABLE {cluster.stored(name)} {change}"
    if _sharding(name) and _OF_COLUMNS.match(change):
        yield f"ALTER TABLE `{cluster.database}`.`{name}` {cluster.everywhere} {change}"


def _drop(found: re.Match[str], cluster: Cluster) -> Iterator[str]:
    yield f"DROP TABLE IF EXISTS {cluster.stored(found['name'])}{found['rest']}"


def _sharding(name: str) -> tuple[str, ...]:
    table = BY_NAME.get(name)
    return table.sharded_by if table else ()
