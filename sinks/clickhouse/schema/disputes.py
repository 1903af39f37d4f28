"""What is argued about: frozen rates."""

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
