"""Every table of the monitor, described once: what is inserted, rebuilt, audited, saved and pruned follows.

The migrations make the tables, and alone say how they are stored and what a column means to a reader; a test
holds them to this description. A new table or column is a migration and an entry here; a view a migration.
"""

from sinks.clickhouse.schema.access import ACCESS_RECORD, SESSIONS, TOKEN_USES, TOKENS
from sinks.clickhouse.schema.arrivals import CONFLICTS, EVENTS, REJECTIONS
from sinks.clickhouse.schema.disputes import OBJECTION_MESSAGES, OBJECTIONS, SNAPSHOT_RATES, SNAPSHOTS
from sinks.clickhouse.schema.erased import ERASED
from sinks.clickhouse.schema.imports import FEEDS, IMPORT_REFUSALS, IMPORTS, MAPPINGS, NOTICES
from sinks.clickhouse.schema.incidents import INCIDENTS
from sinks.clickhouse.schema.progress import (
    AGENCIES,
    COMMITS,
    MIGRATIONS,
    POSITIONS,
    REPORTED_FIGURES,
    SOURCES,
    UPKEEP,
)
from sinks.clickhouse.schema.rates import FRESHNESS, RATE_HISTORY, RATES, SETTLED, TALLIES
from sinks.clickhouse.schema.states import DECLARATIONS, DOSSIERS, PROCEDURES
from sinks.clickhouse.schema.table import CODE, MICROSECONDS, Pruned, Remade, Role, Table, Turn

__all__ = [
    "AGENCIES",
    "AUDITED",
    "BY_MONTHS",
    "BY_NAME",
    "CODE",
    "COMMITS",
    "CONFLICTS",
    "DECLARATIONS",
    "DERIVED",
    "DOSSIERS",
    "ERASED",
    "EVENTS",
    "FRESHNESS",
    "FROM_EVENTS",
    "FROM_TOPIC",
    "MICROSECONDS",
    "MIGRATIONS",
    "NOT_SAVED",
    "POSITIONS",
    "PROCEDURES",
    "RATES",
    "RATE_HISTORY",
    "REJECTIONS",
    "REPORTED_FIGURES",
    "SETTLED",
    "SOURCES",
    "STATES",
    "TABLES",
    "TALLIES",
    "THINNED",
    "UPKEEP",
    "WRITTEN",
    "Role",
    "Table",
    "Turn",
    "written_last_first",
]

TABLES = (
    *(EVENTS, CONFLICTS, REJECTIONS, DOSSIERS, PROCEDURES, DECLARATIONS),
    *(TALLIES, RATES, SETTLED, RATE_HISTORY, FRESHNESS, SOURCES, COMMITS, POSITIONS),
    *(UPKEEP, AGENCIES, REPORTED_FIGURES, MIGRATIONS),
    *(TOKENS, TOKEN_USES, SESSIONS, ACCESS_RECORD),
    *(IMPORTS, IMPORT_REFUSALS, MAPPINGS, NOTICES, FEEDS, INCIDENTS, ERASED),
    *(SNAPSHOT_RATES, SNAPSHOTS, OBJECTIONS, OBJECTION_MESSAGES),
)
BY_NAME = {table.name: table for table in TABLES}

WRITTEN = tuple(table for table in TABLES if table.turn is not None)
"""What a batch writes, in the order in which it becomes durable."""

STATES = tuple(table.name for table in TABLES if table.role is Role.STATE)
DERIVED = tuple(table.name for table in TABLES if table.role is Role.DERIVED)

AUDITED = tuple(table.name for table in TABLES if table.audited)
"""An agency stands still while none of these has a row above its commit."""

FROM_EVENTS = tuple(table.name for table in TABLES if table.remade is Remade.EVENTS)
FROM_TOPIC = tuple(table.name for table in TABLES if table.remade is not None)
"""What a rebuild makes anew, and exchanges with the tables in use."""

BY_MONTHS = tuple(table.name for table in TABLES if table.pruned is Pruned.MONTHS)
NOT_SAVED = frozenset(table.name for table in TABLES if table.role in (Role.PROGRAM, Role.ACCESS))
"""What no backup holds."""

THINNED = tuple(table for table in TABLES if table.pruned is Pruned.THINNED)


def written_last_first(name: str) -> int:
    """Sorts tables for a backup: positions, commits, rows, and last what says how far rows were pruned."""
    table = BY_NAME.get(name)
    if table is None:  # of a later migration: its rows
        return -Turn.ROWS
    return 1 if table.turn is None else -table.turn
