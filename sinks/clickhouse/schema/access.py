"""Who may come in, and who did."""

from sinks.clickhouse.schema.table import CODE, MILLISECONDS, Partition, Role, Table

TOKENS = Table(
    "tokens",
    Role.ACCESS,
    {
        "id": "String",
        "hash": "String",
        "name": "String",
        "agency": CODE,
        "scopes": CODE,
        "made_at": MILLISECONDS,
        "expires_at": f"Nullable({MILLISECONDS})",
        "revoked_at": f"Nullable({MILLISECONDS})",
        "version": "UInt64",
    },
    key=("id",),
)

TOKEN_USES = Table(
    "token_uses",
    Role.ACCESS,
    {"id": "String", "used_at": MILLISECONDS},
    key=("id",),
    engine="ReplacingMergeTree(used_at)",
)

SESSIONS = Table(
    "sessions",
    Role.ACCESS,
    {
        "hash": "String",
        "token": "String",
        "name": "String",
        "agency": CODE,
        "scopes": CODE,
        "csrf": "String",
        "began_at": MILLISECONDS,
        "made_at": MILLISECONDS,
        "seen_at": MILLISECONDS,
        "ended_at": f"Nullable({MILLISECONDS})",
        "version": "UInt64",
    },
    key=("hash",),
)

ACCESS_RECORD = Table(
    "access_record",
    Role.RECORD,
    {
        "at": MILLISECONDS,
        "id": "String",
        "what": CODE,
        "agency": CODE,
        "token": "String",
        "name": "String",
        "route": CODE,
        "reason": CODE,
        "times": "UInt32",
    },
    key=("at", "id"),
    engine="ReplacingMergeTree",
    partition=Partition("at"),
)
