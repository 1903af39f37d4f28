"""Imports as they are recorded and read back; of what was refused the causes and places, never a value."""

import secrets
from collections.abc import Sequence
from typing import Any

from emc.errors import InputError
from emc.identifiers import dossier_agency
from emc.instants import HANOI, format_instant, now_us
from sinks.clickhouse.database import Database
from sinks.imports.feeds import Feed, note_feed
from sinks.imports.record import MOST, ImportRecord

_FIELDS = """
    id, agency, source, format, kind, files, digests, as_of, imported_at, newest, rows, sent, refused,
    new, changed, unchanged
"""


def write_import(database: Database, record: ImportRecord) -> str:
    """Keeps what an import did; its identifier."""
    now = now_us() // 1000
    id_ = secrets.token_hex(4)
    row = {name: getattr(record, name) for name in _columns()}
    database.insert(
        "imports",
        {name: [value] for name, value in (row | {"id": id_, "imported_at": now, "version": now}).items()},
    )
    note_feed(database, record.source, Feed.FILE)
    _write_causes(database, record, id_, now)
    write_notices(database, record.source, [(one.dossier, one.notice) for one in record.notices], now)
    return id_


def _columns() -> list[str]:
    return [name for name in ImportRecord.__struct_fields__ if name not in ("causes", "notices")]


def _write_causes(database: Database, record: ImportRecord, id_: str, now: int) -> None:
    causes = record.causes
    if not causes:
        return
    columns: dict[str, list[Any]] = {
        "import": [id_] * len(causes),
        "agency": [record.agency] * len(causes),
        "number": list(range(1, len(causes) + 1)),
        "column": [cause.column for cause in causes],
        "reason": [cause.reason for cause in causes],
        "rows": [cause.rows for cause in causes],
        "examples": [cause.examples for cause in causes],
        "version": [now] * len(causes),
    }
    database.insert("import_refusals", columns)


def write_notices(
    database: Database, source: str, notices: Sequence[tuple[str, str]], now: int | None = None
) -> None:
    """Keeps what was odd in records of dossiers: (dossier, notice); `now` in ms."""
    known = [(dossier_agency(dossier), dossier, notice) for dossier, notice in notices]
    rows = [row for row in known if row[0] is not None]
    if rows:
        seen = now_us() // 1000 if now is None else now
        database.insert(
            "notices",
            {
                "agency": [row[0] for row in rows],
                "dossier": [row[1] for row in rows],
                "source": [source] * len(rows),
                "notice": [row[2] for row in rows],
                "seen_at": [seen] * len(rows),
            },
        )


def read_imports(database: Database, agency: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The newest imports, of one agency or of all that may be seen."""
    if not 1 <= limit <= MOST:
        raise InputError(f"limit is {limit}, expected 1 to {MOST}")
    rows = database.rows(
        f"""
        SELECT {_FIELDS} FROM imports FINAL
        WHERE {"true" if agency is None else "agency = {agency:String}"}
        ORDER BY imported_at DESC, id LIMIT {{limit:UInt32}}
        """,
        {"agency": agency or "", "limit": limit},
    )
    return [_shown(row) for row in rows]


def read_import(database: Database, id_: str) -> dict[str, Any]:
    """One import with the causes of its refusals; InputError when there is none of this identifier."""
    rows = database.rows(f"SELECT {_FIELDS} FROM imports FINAL WHERE id = {{id:String}}", {"id": id_})
    if not rows:
        raise InputError("there is no import of this id; `emc imports list` shows those there are")
    causes = database.rows(
        """
        SELECT column, reason, rows, examples FROM import_refusals FINAL
        WHERE import = {id:String} ORDER BY number
        """,
        {"id": id_},
    )
    return _shown(rows[0]) | {"refusals": [cause | {"column": cause["column"] or None} for cause in causes]}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    row["as_of"] = format_instant(row["as_of"], HANOI)
    row["imported_at"] = format_instant(row["imported_at"] * 1000, HANOI)
    row["newest"] = None if row["newest"] is None else format_instant(row["newest"], HANOI)
    return row
