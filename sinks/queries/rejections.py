"""Refused events and last-seen sources, as agencies read them."""

import re
from typing import Any

from emc.agency_search import unregistered
from emc.errors import InputError
from emc.instants import HANOI, format_instant, parse_asked
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.imports.feeds import EVENTS, read_feeds
from sinks.queries.accepted_since import mark_accepted

MOST = 1000
_FIELDS = "reason, path, detail, agency, id, subject, source, partition, offset, `index`, rejected_at"
_PLACE = ("rejected_at", "partition", "offset", "`index`", "topic")
_AT = "fromUnixTimestamp64Milli({at:Int64}, 'UTC')"
_WHERE = "{partition:UInt32}, {offset:UInt64}, {index:Int32}"
_CURSOR = re.compile(r"([0-9]{1,13})\.([0-9]{1,9})\.([0-9]{1,19})\.(-1|[0-9]{1,9})").fullmatch


def read_rejections(
    database: Database,
    registry: Registry,
    agency: str | None = None,
    limit: int = 100,
    before: str | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    """The newest refused events, of one agency or of all, `before` an instant (RFC 3339) if given.

    `next` beside the list is the cursor of those that follow, None at the end. It is a place, so it goes on
    among refusals of one moment too: a broker stamps a whole batch of messages with one.
    `accepted_at` is when the event was accepted since, as after a replay.
    InputError for an agency that is not in the registry, a limit outside 1 … 1000, no instant, no cursor.
    """
    if agency is not None and agency not in registry:
        raise unregistered("agency", agency, registry)
    if not 1 <= limit <= MOST:
        raise InputError(f"limit is {limit}, expected 1 to {MOST}")
    conditions, parameters = _conditions(agency, before, cursor)
    # A replay stores the same rows again, so instead of FINAL, which reads all, the first of each place is
    # taken while reading from the end.
    rows = database.rows(
        f"""
        SELECT {_FIELDS} FROM rejections WHERE {" AND ".join(conditions)}
        ORDER BY {", ".join(f"{name} DESC" for name in _PLACE)}
        LIMIT 1 BY {", ".join(_PLACE)} LIMIT {{limit:UInt32}}
        """,
        parameters | {"limit": limit + 1},
    )
    last = rows[limit - 1] if len(rows) > limit else None
    mark_accepted(database, rows)
    return {"rejections": [_shown(row) for row in rows[:limit]], "next": _cursor(last) if last else None}


def read_refused(database: Database, dossier: str, limit: int = 100) -> list[dict[str, Any]]:
    """The newest refused events of a dossier, with what was expected; those refused before that was kept
    are not among them.
    """
    rows = database.rows(
        f"""
        SELECT {_FIELDS} FROM rejections WHERE subject = {{dossier:String}}
        ORDER BY {", ".join(f"{name} DESC" for name in _PLACE)}
        LIMIT 1 BY {", ".join(_PLACE)} LIMIT {{limit:UInt32}}
        """,
        {"dossier": dossier, "limit": limit},
    )
    mark_accepted(database, rows)
    return [_shown(row) for row in rows]


def _conditions(
    agency: str | None, before: str | None, cursor: str | None
) -> tuple[list[str], dict[str, Any]]:
    """Which rows, as SQL and its parameters."""
    conditions, parameters = ["true"], dict[str, Any]()
    if agency is not None:
        conditions.append("agency = {agency:String}")
        parameters["agency"] = agency
    if before is not None:
        conditions.append("rejected_at < fromUnixTimestamp64Micro({before:Int64}, 'UTC')")
        parameters["before"] = _instant("before", before)
    if cursor is not None:
        conditions += [
            f"rejected_at <= {_AT}",
            f"(rejected_at, partition, offset, `index`) < ({_AT}, {_WHERE})",
        ]
        parameters |= _place(cursor)
    return conditions, parameters


def _cursor(row: dict[str, Any]) -> str:
    return f"{row['rejected_at']}.{row['partition']}.{row['offset']}.{row['index']}"


def _place(cursor: str) -> dict[str, int]:
    found = _CURSOR(cursor)
    if found is None:
        raise InputError(f"cursor is {cursor!r}, expected what an earlier answer gave as next")
    return dict(zip(("at", "partition", "offset", "index"), map(int, found.groups()), strict=True))


def read_sources(database: Database) -> list[dict[str, Any]]:
    """When each source was last seen: the greatest time of its events, its last arrival; and its feeds."""
    rows = database.rows(
        "SELECT agency, source, last_time, last_arrival FROM sources FINAL ORDER BY agency, source"
    )
    feeds = read_feeds(database)
    for row in rows:
        row["feeds"] = feeds.get(row["source"], [EVENTS])
        row["last_time"] = format_instant(row["last_time"], HANOI)
        row["last_arrival"] = format_instant(row["last_arrival"] * 1000, HANOI)
    return rows


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    arrival = format_instant(row["rejected_at"] * 1000, HANOI)
    named = {name: row[name] or None for name in ("agency", "id", "subject", "source")}
    return row | named | {"rejected_at": arrival}


def _instant(name: str, text: str) -> int:
    try:
        return parse_asked(text.replace(" ", "+"))  # a plus sign that an address was not quoted for
    except ValueError:
        raise InputError(f"{name} is {text!r}, expected RFC 3339 with offset") from None
