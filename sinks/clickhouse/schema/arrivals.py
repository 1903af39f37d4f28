"""What arrived: accepted events, refused ones, and events that contradict each other."""

from sinks.clickhouse.schema.table import (
    CODE,
    MICROSECONDS,
    MILLISECONDS,
    VERSION,
    Partition,
    Pruned,
    Remade,
    Role,
    Table,
    Turn,
)

EVENTS = Table(
    "events",
    Role.LOG,
    {
        "agency": CODE,
        "type": CODE,
        "subject": "String",
        "time": MICROSECONDS,
        "id": "String",
        "source": CODE,
        "data": "String",
        "arrived_at": MILLISECONDS,
        "topic_id": CODE,
        "partition": "UInt32",
        "offset": "UInt64",
        "index": "UInt16",
        "version": VERSION,
    },
    key=("agency", "subject", "type", "time", "id", "arrived_at", "partition", "offset", "index"),
    partition=Partition("arrived_at"),
    turn=Turn.ROWS,
    remade=Remade.TOPIC,
    audited=True,
    pruned=Pruned.MONTHS,
)

REJECTIONS = Table(
    "rejections",
    Role.LOG,
    {
        "agency": CODE,
        "reason": CODE,
        "path": "String",
        "detail": "String",
        "id": "String",
        "subject": "String",
        "source": "String",
        "topic": CODE,
        "partition": "UInt32",
        "offset": "UInt64",
        "index": "Int32",
        "rejected_at": MILLISECONDS,
        "version": VERSION,
    },
    key=("rejected_at", "topic", "partition", "offset", "index"),
    partition=Partition("rejected_at"),
    turn=Turn.ROWS,
    remade=Remade.TOPIC,
    pruned=Pruned.MONTHS,
)

CONFLICTS = Table(
    "conflicts",
    Role.LOG,
    {
        "agency": CODE,
        "type": CODE,
        "subject": "String",
        "field": CODE,
        "time": MICROSECONDS,
        "id": "String",
        "seen_at": MILLISECONDS,
        "version": VERSION,
    },
    key=("agency", "type", "subject", "field", "time", "id"),
    turn=Turn.ROWS,
)
