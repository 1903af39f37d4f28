"""Retention of what arrived, by whole months: what is old enough goes, cheaply, as partitions.

Without a setting everything stays. Once events are dropped, states can no longer be recomputed from them
alone: the audit then compares what is left, and `emc rebuild --from-events` is refused.
"""

from datetime import UTC, datetime

from sinks.clickhouse.database import Database
from sinks.maintenance.thinning import DAY_MS
from sinks.maintenance.upkeep import done_until, mark_done


def drop_old(database: Database, table: str, days: int | None, now_ms: int) -> list[str]:
    """Drops the months of a table that ended more than `days` days ago (None: keeps all); returns them."""
    if days is None:
        return []
    first_kept = datetime.fromtimestamp((now_ms - days * DAY_MS) / 1000, UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    parts, place = "system.parts", database.name
    if database.cluster is not None:
        parts, place = f"clusterAllReplicas('{database.cluster.name}', system.parts)", database.cluster.shard
    months = [
        month
        for (month,) in database.query(
            f"SELECT DISTINCT partition_id FROM {parts} WHERE active"
            " AND database = {database:String} AND table = {table:String} ORDER BY partition_id",
            {"database": place, "table": table},
        )
        if month < first_kept.strftime("%Y%m")
    ]
    if months:
        # Marked first: whoever audits must know that events may be gone.
        mark_done(database, f"drop-{table}", int(first_kept.timestamp() * 1000))
    for month in months:
        database.command(f"ALTER TABLE {database.stored(table)} DROP PARTITION ID '{month}'")
    return months


def dropped_until(database: Database, table: str) -> int:
    """Rows that arrived before this moment (ms) were dropped; 0 when all are there."""
    return done_until(database, f"drop-{table}")
