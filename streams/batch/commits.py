"""What ClickHouse says of how far each agency and each partition is complete."""

from collections.abc import Mapping
from typing import NamedTuple

from sinks.clickhouse.database import Database


class ReadUntil(NamedTuple):
    """Where in the log an agency's newest message lies: reading it goes on at `next_offset`."""

    topic_id: str = ""
    partition: int = 0
    next_offset: int = 0


class Committed(NamedTuple):
    """Up to where an agency is complete in ClickHouse: its version, and where in the log that came from."""

    version: int
    read_until: ReadUntil


def committed(db: Database) -> dict[str, Committed]:
    """What `commits` holds of every agency."""
    sql = "SELECT agency, toString(version), topic_id, partition, next_offset FROM commits FINAL"
    return {agency: Committed(int(version), ReadUntil(*where)) for agency, version, *where in db.query(sql)}


def positions(db: Database, topic_id: str) -> Mapping[int, int]:
    """Where ClickHouse says that reading this topic goes on, by partition."""
    sql = "SELECT partition, next_offset FROM positions FINAL WHERE topic_id = {topic_id:String}"
    return dict(db.query(sql, {"topic_id": topic_id}))
