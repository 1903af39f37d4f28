"""Refused events and last-seen sources, as agencies read them."""

from typing import Any

from emc.errors import InputError
from emc.instants import HANOI, format_instant, parse_instant
from emc.registry import Registry
from sinks.clickhouse.database import Database

MOST = 1000
_FIELDS = "reason, path, detail, agency, id, partition, offset, `index`, rejected_at"
_PLACE = ("rejected_at", "topic", "partition", "offset", "`index`")


def read_rejections(
    database: Database,
    registry: Registry,
    agency: str | None = None,
    limit: int = 100,
    before: str | None = None,
) -> list[dict[str, Any]]:
    """The newest refused events, of one agency or of all, `before` an instant (RFC 3339) if given.

    InputError for an agency that is not in the registry, a limit outside 1 … 1000, or no instant.
    """
    if agency is not None and agency not in registry:
        raise InputError(f"agency is {agency!r}, expected a code of the agency registry")
    if not 1 <= limit <= MOST:
        raise InputError(f"limit is {limit}, expected 1 to {MOST}")
    conditions = ["true"]
    parameters: dict[str, Any] = {"limit": limit}
    if agency is not None:
        conditions.append("agency = {agency:String}")
        parameters["agency"] = agency
    if before is not None:
        conditions.append("rejected_at < fromUnixTimestamp64Micro({before:Int64}, 'UTC')")
        parameters["before"] = _instant("before", before)
    # A replay stores the same rows again, so instead of FINAL, which reads all, the first of each place is
    # taken while reading from the end.
    rows = database.rows(
        f"""
        SELECT {_FIELDS} FROM rejections WHERE {" AND ".join(conditions)}
        ORDER BY {", ".join(f"{name} DESC" for name in _PLACE)}
        LIMIT 1 BY {", ".join(_PLACE)} LIMIT {{limit:UInt32}}
        """,
        parameters,
    )
    return [_shown(row) for row in rows]


def read_sources(database: Database) -> list[dict[str, Any]]:
    """When each source was last seen: the greatest time of its events, and its last arrival."""
    rows = database.rows(
        "SELECT agency, source, last_time, last_arrival FROM sources FINAL ORDER BY agency, source"
    )
    for row in rows:
        row["last_time"] = format_instant(row["last_time"], HANOI)
        row["last_arrival"] = format_instant(row["last_arrival"] * 1000, HANOI)
    return rows


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    arrival = format_instant(row["rejected_at"] * 1000, HANOI)
    return row | {"agency": row["agency"] or None, "id": row["id"] or None, "rejected_at": arrival}


def _instant(name: str, text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError:
        raise InputError(f"{name} is {text!r}, expected RFC 3339 with offset") from None
