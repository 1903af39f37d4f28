"""How far the scheduled work on the tables has come: the table `upkeep`."""

from emc.instants import now_us
from sinks.clickhouse.database import Database


def done_until(database: Database, task: str) -> int:
    """Rows from before this moment (ms since 1970) are done; 0 when nothing is."""
    rows = database.query("SELECT until FROM upkeep FINAL WHERE task = {task:String}", {"task": task})
    return int(rows[0][0]) if rows else 0


def mark_done(database: Database, task: str, until: int) -> None:
    """Rows from before `until` (ms since 1970) are done."""
    now = now_us() // 1000
    database.insert("upkeep", {"task": [task], "until": [until], "done_at": [now]})
