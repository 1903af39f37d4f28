"""Thinning of the history of rates: of old changes the last of every hour stays, of older ones of every day.

What holds at the end of an hour (a day) stays answerable, for ever. Worked day by day in Asia/Ho_Chi_Minh;
a day done twice changes nothing, and a kill between two of them only means that one is done again.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.maintenance.upkeep import done_until, mark_done

DAY_MS = 86_400_000
_HANOI_MS = 7 * 3_600_000
_KEYS = {table.name: ", ".join(name for name in table.key if name != "shown_at") for table in schema.THINNED}


class Step(NamedTuple):
    """From an age of so many days on, one change of every bucket stays."""

    task: str
    days: int
    bucket: str


STEPS = (
    Step("thin-hourly", 7, "toStartOfHour(shown_at)"),
    Step("thin-daily", 90, "toStartOfDay(shown_at, 'Asia/Ho_Chi_Minh')"),
)


def thin(database: Database, now_ms: int) -> int:
    """Thins what has become old enough by `now_ms` and returns the number of rows removed.

    On a cluster nothing: a mutation that asks a table may find other rows on each replica.
    """
    if database.cluster is not None:
        return 0
    return sum(_thin(database, step, now_ms) for step in STEPS)


def _thin(database: Database, step: Step, now_ms: int) -> int:
    end = _start_of_day(now_ms - step.days * DAY_MS)
    begin, removed = done_until(database, step.task), 0
    if begin >= end:
        return 0
    for table, key in _KEYS.items():
        for day in _days_with_rows(database, table, begin, end):
            removed += _thin_day(database, table, key, step.bucket, day)
    mark_done(database, step.task, end)
    return removed


def _days_with_rows(database: Database, table: str, begin: int, end: int) -> Iterator[int]:
    """The first moment of every day between that has rows."""
    rows = database.query(
        f"""
        SELECT DISTINCT toUnixTimestamp(toStartOfDay(shown_at, 'Asia/Ho_Chi_Minh')) AS day FROM {table}
        WHERE shown_at >= {_moment(begin)} AND shown_at < {_moment(end)} ORDER BY day
        """
    )
    yield from (int(day) * 1000 for (day,) in rows)


def _thin_day(database: Database, table: str, key: str, bucket: str, day: int) -> int:
    """Removes all but the last change of every bucket of a day."""
    within = f"shown_at >= {_moment(day)} AND shown_at < {_moment(day + DAY_MS)}"
    kept = f"SELECT {key}, max(shown_at) FROM {table} WHERE {within} GROUP BY {key}, {bucket}"
    doomed = f"{within} AND ({key}, shown_at) NOT IN ({kept})"
    ((count,),) = database.query(f"SELECT count() FROM {table} WHERE {doomed}")
    if count:
        for month in dict.fromkeys((_month(day), _month(day + DAY_MS - 1))):
            database.command(
                f"ALTER TABLE {table} DELETE IN PARTITION ID '{month}' WHERE {doomed}"
                " SETTINGS mutations_sync = 1"
            )
    return int(count)


def _moment(milliseconds: int) -> str:
    return f"fromUnixTimestamp64Milli(toInt64({milliseconds}), 'UTC')"


def _month(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y%m")


def _start_of_day(milliseconds: int) -> int:
    """The first moment of the day in Asia/Ho_Chi_Minh that a moment lies in."""
    return (milliseconds + _HANOI_MS) // DAY_MS * DAY_MS - _HANOI_MS
