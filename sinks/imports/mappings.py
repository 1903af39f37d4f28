"""Mappings of files that agencies keep under names."""

from typing import Any

import msgspec

from emc.instants import now_us
from sinks.clickhouse.database import Database

LONGEST, LARGEST, MOST = 60, 64 * 1024, 200
"""Characters of a name, bytes of a mapping as JSON, mappings that are listed."""


def write_mapping(database: Database, agency: str, kind: str, name: str, keys: dict[str, Any]) -> None:
    """Keeps a mapping; one of the same name is replaced."""
    now = now_us() // 1000
    row: dict[str, Any] = {
        "agency": agency,
        "kind": kind,
        "name": name,
        "keys": msgspec.json.encode(keys).decode(),
    }
    row |= {"saved_at": now, "version": now}
    database.insert("mappings", {column: [value] for column, value in row.items()})


def read_mappings(database: Database, agency: str, kind: str) -> dict[str, dict[str, Any]]:
    """The mappings of an agency for rows of a kind: their keys by name."""
    rows = database.query(
        """
        SELECT name, keys FROM mappings FINAL
        WHERE agency = {agency:String} AND kind = {kind:String} ORDER BY name LIMIT {most:UInt32}
        """,
        {"agency": agency, "kind": kind, "most": MOST},
    )
    return {str(name): msgspec.json.decode(keys) for name, keys in rows}
