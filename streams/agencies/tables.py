"""Reading the tables of several agencies at once."""

from collections.abc import Iterable

from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from streams.batch.rows import Row

ByAgency = dict[str, list[Row]]


def read(db: Database, table: str, columns: str, agencies: Iterable[str]) -> ByAgency:
    """The rows that hold of a table, without the agency, by agency."""
    sql = f"SELECT agency, {columns} FROM {table} FINAL WHERE agency IN {{agencies:Array(String)}}"
    return by_agency(agencies, db.query(sql, {"agencies": list(agencies)}))


def by_agency(agencies: Iterable[str], rows: Iterable[Row]) -> ByAgency:
    """Rows that begin with the agency, without it, by agency."""
    found: ByAgency = {agency: [] for agency in agencies}
    for agency, *row in rows:
        found[agency].append(tuple(row))
    return found


def last_versions(db: Database, agencies: list[str], *, events: bool = False) -> dict[str, int]:
    """The greatest version of any row of each agency, unfinished writes and deleted rows included.

    `events`: also of that table, which is large and read by the audit alone.
    """
    found: dict[str, int] = {}
    for table in (*schema.FROM_EVENTS, *("events",) * events):
        sql = (
            f"SELECT agency, toString(max(version)) FROM {table}"
            " WHERE agency IN {agencies:Array(String)} GROUP BY agency"
        )
        for agency, version in db.query(sql, {"agencies": agencies}):
            found[agency] = max(found.get(agency, 0), int(version))
    return found
