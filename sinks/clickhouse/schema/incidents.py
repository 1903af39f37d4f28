"""What happened outside of the numbers and explains them."""

from sinks.clickhouse.schema.table import CODE, MICROSECONDS, REMOVING, Role, Table

INCIDENTS = Table(
    "incidents",
    Role.LOG,
    {
        "agency": CODE,
        "id": "String",
        "begins_at": MICROSECONDS,
        "ends_at": f"Nullable({MICROSECONDS})",
        "text": "String",
        "version": "UInt64",
        "is_deleted": "UInt8",
    },
    key=("agency", "id"),
    engine=REMOVING,
)
