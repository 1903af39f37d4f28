"""What must not come back."""

from sinks.clickhouse.schema.table import CODE, MILLISECONDS, Role, Table

ERASED = Table(
    "erased",
    Role.RECORD,
    {"agency": CODE, "digest": "String", "erased_at": MILLISECONDS},
    key=("agency", "digest"),
    engine="ReplacingMergeTree(erased_at)",
)
