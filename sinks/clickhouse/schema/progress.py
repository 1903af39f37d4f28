"""How far agencies, partitions, sources and scheduled work have come; and what the program loads itself."""

from sinks.clickhouse.schema.table import (
    CODE,
    MICROSECONDS,
    MILLISECONDS,
    VERSION,
    Remade,
    Role,
    Table,
    Turn,
)

SOURCES = Table(
    "sources",
    Role.PROGRESS,
    {
        "agency": CODE,
        "source": CODE,
        "last_time": MICROSECONDS,
        "last_arrival": MILLISECONDS,
        "version": VERSION,
    },
    key=("agency", "source"),
    turn=Turn.ROWS,
    remade=Remade.TOPIC,
)

COMMITS = Table(
    "commits",
    Role.PROGRESS,
    {
        "agency": CODE,
        "version": VERSION,
        "topic_id": CODE,
        "partition": "UInt32",
        "next_offset": "UInt64",
        "as_of": MICROSECONDS,
        "written_at": MILLISECONDS,
        "today": "Date",
    },
    key=("agency",),
    turn=Turn.COMMITS,
    remade=Remade.EVENTS,
)

POSITIONS = Table(
    "positions",
    Role.PROGRESS,
    {"topic_id": CODE, "partition": "UInt32", "next_offset": "UInt64", "written_at": MILLISECONDS},
    key=("topic_id", "partition"),
    engine="ReplacingMergeTree(next_offset)",
    turn=Turn.POSITIONS,
    remade=Remade.TOPIC,
)

UPKEEP = Table(
    "upkeep",
    Role.PROGRESS,
    {"task": CODE, "until": MILLISECONDS, "done_at": MILLISECONDS},
    key=("task",),
    engine="ReplacingMergeTree(until)",
)

AGENCIES = Table(
    "agencies",
    Role.PROGRAM,
    {
        "code": CODE,
        "name": "String",
        "kind": CODE,
        "successor": CODE,
        "valid_to": "Nullable(Date)",
        "code_verified": "Bool",
        "emc_connection_2024_04": CODE,
        "former_name": "String",
        "renamed_on": "Nullable(Date)",
        "note": "String",
        "version": "UInt64",
    },
    key=("code",),
)

REPORTED_FIGURES = Table(
    "reported_figures",
    Role.PROGRAM,
    {
        "metric": CODE,
        "scope": CODE,
        "value": "Float64",
        "unit": CODE,
        "as_of": "Date",
        "source": "String",
        "sentence": "String",
        "note": "String",
        "definition": CODE,
        "period": CODE,
        "start": "Nullable(Date)",
        "version": "UInt64",
    },
    key=("metric", "scope", "unit", "as_of", "source"),
)

MIGRATIONS = Table(
    "migrations",
    Role.PROGRAM,
    {"number": "UInt32", "name": "String", "applied_at": MILLISECONDS},
    key=("number",),
    engine="ReplacingMergeTree",
)
