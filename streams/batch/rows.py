"""The rows of a batch, gathered by table and turned into columns once, at the end."""

from collections.abc import Sequence
from typing import Any

COLUMNS: dict[str, tuple[str, ...]] = {
    "events": (
        *("agency", "type", "subject", "time", "id", "source", "data"),
        *("arrived_at", "topic_id", "partition", "offset", "index", "version"),
    ),
    "conflicts": ("agency", "type", "subject", "field", "time", "id", "seen_at", "version"),
    "rejections": (
        *("agency", "reason", "path", "detail", "id", "topic", "partition"),
        *("offset", "index", "rejected_at", "version"),
    ),
    "dossiers": (
        *("agency", "dossier", "month", "procedure", "unit", "channel", "status"),
        *("submitted_at", "received_at", "due_at", "resolved_at", "returned_at"),
        *("electronic_result", "result_signed", "identified", "fee_due", "paid_online", "removed"),
        *("signature", "registers", "version"),
    ),
    "procedures": (
        *("agency", "procedure", "valid_from", "service_level", "eligible_full_online", "result_required"),
        *("fee_bearing", "published", "name", "registers", "version"),
    ),
    "declarations": ("agency", "day", "received", "resolved", "registers", "version"),
    "tallies": (
        "agency",
        "procedure",
        "attribution",
        "day",
        "signature",
        "dossiers",
        "version",
        "is_deleted",
    ),
    "rates": (
        *("agency", "metric", "definition", "period", "start", "numerator", "denominator"),
        *("counted", "declared", "version", "is_deleted"),
    ),
    "rate_history": (
        *("agency", "metric", "definition", "period", "start", "shown_at", "numerator", "denominator"),
        *("counted", "declared", "is_deleted", "version"),
    ),
    "freshness": ("agency", "shown_at", "as_of", "version"),
    "sources": ("agency", "source", "last_time", "last_arrival", "version"),
    "commits": ("agency", "version", "topic_id", "partition", "next_offset", "as_of", "today", "written_at"),
    "positions": ("topic_id", "partition", "next_offset", "written_at"),
}
"""The columns that the stream writes, by table, in the order in which a batch's tables become durable."""

Row = tuple[Any, ...]


class Rows:
    """Rows of every table. A row is a tuple in the order of COLUMNS."""

    def __init__(self) -> None:
        self.by_table: dict[str, list[Row]] = {table: [] for table in COLUMNS}

    def __getitem__(self, table: str) -> list[Row]:
        return self.by_table[table]

    def columns(self, table: str) -> dict[str, Sequence[Any]]:
        """The gathered rows of a table as columns; empty columns when there are none."""
        names, rows = COLUMNS[table], self.by_table[table]
        return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))
