"""The state of the engine's storage: parts, merges, disks; and what of it needs somebody's attention."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sinks.clickhouse.database import Database

FREE_SHARE, FREE_BYTES = 0.05, 5_000_000_000
"""Of a disk: below both of them merges may lack room soon."""
MANY_PARTS = 300
"""In one partition; ClickHouse slows inserts down at 1 000 and refuses them at 3 000."""
_LIMIT = "SETTINGS max_execution_time = 8"


class Storage(NamedTuple):
    """State of the engine. `disks`: free and total bytes by name."""

    parts: int
    merges: int
    disks: Mapping[str, tuple[int, int]]


def read_storage(database: Database) -> Storage:
    """Parts of the partition that has most of them, merges and mutations under way, disks."""
    ((parts,),) = database.query(
        f"""
        SELECT max(parts) FROM (
            SELECT count() AS parts FROM system.parts
            WHERE active AND database = currentDatabase() GROUP BY table, partition
        ) {_LIMIT}
        """
    )
    ((merges,),) = database.query(f"SELECT count() FROM system.merges {_LIMIT}")
    disks = database.query(
        f"SELECT name, unreserved_space, total_space FROM system.disks ORDER BY name LIMIT 16 {_LIMIT}"
    )
    return Storage(parts, merges, {name: (free, size) for name, free, size in disks if size})


def warnings(storage: Storage) -> Iterator[str]:
    """A sentence for everything that somebody should look at."""
    for name, (free, size) in storage.disks.items():
        if free < min(FREE_SHARE * size, FREE_BYTES):
            yield f"ClickHouse's disk {name} has {free // 1_000_000} MB free, {100 * free // size} %"
    if storage.parts > MANY_PARTS:
        yield f"a partition has {storage.parts} parts: inserts come faster than merges"
