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


Positions = dict[tuple[str, int], int]
"""Where reading goes on, by topic and partition."""
_BOTH = """SELECT agency, version, topic_id, partition, next_offset FROM commits FINAL
UNION ALL SELECT '', 0, topic_id, partition, next_offset FROM positions FINAL"""


def durable(db: Database) -> tuple[dict[str, Committed], Positions]:
    """What `commits` holds of every agency, and `positions` of every topic.

    One query: of a small batch each has a share in the cost that can be measured.
    """
    commits, known = dict[str, Committed](), Positions()
    for agency, version, *where in db.query(_BOTH):
        read_until = ReadUntil(*where)
        if agency:
            commits[agency] = Committed(version, read_until)
        else:
            known[read_until.topic_id, read_until.partition] = read_until.next_offset
    return commits, known


def positions(db: Database, topic_id: str) -> Mapping[int, int]:
    """Where ClickHouse says that reading this topic goes on, by partition."""
    sql = "SELECT partition, next_offset FROM positions FINAL WHERE topic_id = {topic_id:String}"
    return dict(db.query(sql, {"topic_id": topic_id}))
