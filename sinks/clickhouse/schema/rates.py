"""What follows from the states: cells and rates; and what was shown of them when."""

from sinks.clickhouse.schema.table import (
    CODE,
    MICROSECONDS,
    MILLISECONDS,
    REMOVING,
    VERSION,
    Computed,
    Partition,
    Pruned,
    Remade,
    Role,
    Table,
    Turn,
)

TALLIES = Table(
    "tallies",
    Role.DERIVED,
    {
        "agency": CODE,
        "procedure": "String",
        "attribution": "Enum8('receipt' = 1, 'resolution' = 2)",
        "day": "Date",
        "signature": "UInt16",
        "dossiers": "UInt32",
        "version": VERSION,
        "is_deleted": "UInt8",
    },
    key=("agency", "procedure", "attribution", "day", "signature"),
    engine=REMOVING,
    turn=Turn.ROWS,
    remade=Remade.EVENTS,
    audited=True,
)

RATES = Table(
    "rates",
    Role.DERIVED,
    {
        "agency": CODE,
        "metric": CODE,
        "definition": CODE,
        "period": CODE,
        "start": "Date",
        "numerator": "UInt64",
        "denominator": "UInt64",
        "counted": "UInt64",
        "declared": "UInt64",
        "version": VERSION,
        "is_deleted": "UInt8",
        "rate": Computed("Nullable(Float64)"),
        "coverage": Computed("Nullable(Float64)"),
    },
    key=("agency", "period", "start", "metric", "definition"),
    engine=REMOVING,
    turn=Turn.ROWS,
    remade=Remade.EVENTS,
    audited=True,
)

SETTLED = Table(
    "settled",
    Role.DERIVED,
    {
        "agency": CODE,
        "settler": CODE,
        "metric": CODE,
        "definition": CODE,
        "period": CODE,
        "start": "Date",
        "numerator": "UInt64",
        "denominator": "UInt64",
        "version": VERSION,
        "is_deleted": "UInt8",
    },
    key=("agency", "settler", "period", "start", "metric", "definition"),
    engine=REMOVING,
    turn=Turn.ROWS,
    remade=Remade.EVENTS,
    audited=True,
)

RATE_HISTORY = Table(
    "rate_history",
    Role.HISTORY,
    {
        "agency": CODE,
        "metric": CODE,
        "definition": CODE,
        "period": CODE,
        "start": "Date",
        "shown_at": MILLISECONDS,
        "numerator": "UInt64",
        "denominator": "UInt64",
        "counted": "UInt64",
        "declared": "UInt64",
        "is_deleted": "UInt8",
        "version": VERSION,
    },
    key=("agency", "metric", "definition", "period", "start", "shown_at"),
    partition=Partition("shown_at"),
    turn=Turn.ROWS,
    pruned=Pruned.THINNED,
)

FRESHNESS = Table(
    "freshness",
    Role.HISTORY,
    {"agency": CODE, "shown_at": MILLISECONDS, "as_of": MICROSECONDS, "version": VERSION},
    key=("agency", "shown_at"),
    partition=Partition("shown_at"),
    turn=Turn.ROWS,
    pruned=Pruned.THINNED,
)
