"""Imports of files and their mappings, and what was odd in senders' records."""

from sinks.clickhouse.schema.table import CODE, MICROSECONDS, MILLISECONDS, Role, Table

IMPORTS = Table(
    "imports",
    Role.LOG,
    {
        "id": "String",
        "agency": CODE,
        "source": CODE,
        "format": CODE,
        "kind": CODE,
        "files": "Array(String)",
        "digests": "Array(String)",
        "as_of": MICROSECONDS,
        "imported_at": MILLISECONDS,
        "newest": f"Nullable({MICROSECONDS})",
        "rows": "UInt64",
        "sent": "UInt64",
        "refused": "UInt64",
        "new": "Nullable(UInt64)",
        "changed": "Nullable(UInt64)",
        "unchanged": "Nullable(UInt64)",
        "version": "UInt64",
    },
    key=("agency", "imported_at", "id"),
)

IMPORT_REFUSALS = Table(
    "import_refusals",
    Role.LOG,
    {
        "import": "String",
        "agency": CODE,
        "number": "UInt32",
        "column": "String",
        "reason": "String",
        "rows": "UInt64",
        "examples": "Array(String)",
        "version": "UInt64",
    },
    key=("agency", "import", "number"),
)

NOTICES = Table(
    "notices",
    Role.LOG,
    {"agency": CODE, "dossier": "String", "source": CODE, "notice": CODE, "seen_at": MILLISECONDS},
    key=("agency", "dossier", "source", "notice"),
    engine="ReplacingMergeTree(seen_at)",
)

FEEDS = Table(
    "feeds",
    Role.LOG,
    {"agency": CODE, "source": CODE, "feed": CODE, "seen_at": MILLISECONDS},
    key=("agency", "source", "feed"),
    engine="ReplacingMergeTree(seen_at)",
)

MAPPINGS = Table(
    "mappings",
    Role.LOG,
    {
        "agency": CODE,
        "kind": CODE,
        "name": "String",
        "keys": "String",
        "saved_at": MILLISECONDS,
        "version": "UInt64",
    },
    key=("agency", "kind", "name"),
)
