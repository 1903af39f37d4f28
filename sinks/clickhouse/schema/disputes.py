"""What is argued about: frozen rates, and objections to them and to dossiers."""

from sinks.clickhouse.schema.table import CODE, MICROSECONDS, Role, Table

SNAPSHOTS = Table(
    "snapshots",
    Role.HISTORY,
    {
        "id": "String",
        "name": "String",
        "period": CODE,
        "start": "Date",
        "structure": CODE,
        "metric": CODE,
        "frozen_at": MICROSECONDS,
        "frozen_by": "String",
        "definitions": "String",
        "positions": "String",
        "version": "UInt64",
    },
    key=("id",),
)

SNAPSHOT_RATES = Table(
    "snapshot_rates",
    Role.HISTORY,
    {
        "snapshot": "String",
        "agency": CODE,
        "agency_group": CODE,
        "metric": CODE,
        "definition": CODE,
        "numerator": "UInt64",
        "denominator": "UInt64",
        "counted": "UInt64",
        "declared": "UInt64",
        "as_of": f"Nullable({MICROSECONDS})",
        "version": "UInt64",
    },
    key=("snapshot", "agency", "agency_group", "metric", "definition"),
)

OBJECTIONS = Table(
    "objections",
    Role.LOG,
    {
        "agency": CODE,
        "id": "String",
        "snapshot": "String",
        "metric": CODE,
        "definition": CODE,
        "dossier": "String",
        "numerator": "Nullable(UInt64)",
        "denominator": "Nullable(UInt64)",
        "made_at": MICROSECONDS,
        "version": "UInt64",
    },
    key=("agency", "id"),
)

OBJECTION_MESSAGES = Table(
    "objection_messages",
    Role.LOG,
    {
        "agency": CODE,
        "objection": "String",
        "at": MICROSECONDS,
        "id": "String",
        "side": CODE,
        "name": "String",
        "decision": CODE,
        "text": "String",
        "events": "Array(String)",
        "dossier": "String",
        "version": "UInt64",
    },
    key=("agency", "objection", "at", "id"),
)
