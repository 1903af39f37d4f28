"""Warnings: odd but countable facts of dossiers, computed from their present state when they are read."""

from typing import Any

from emc.agency_search import unregistered
from emc.registry import Registry
from sinks.clickhouse.database import Database

_WINDOW = 10_000
"""Dossiers among which the first warnings are looked for: a nation's are too many to be asked for a page."""
_BEHIND_ALL = "\U0010ffff"
"""Greater than the name of any warning."""


def read_warnings(
    database: Database,
    registry: Registry,
    agency: str | None,
    limit: int,
    after: tuple[str, str, str] | None = None,
) -> list[dict[str, Any]]:
    """Warnings by agency, dossier and name, behind a place; InputError for an unknown agency."""
    if agency is not None and agency not in registry:
        raise unregistered("agency", agency, registry)
    found = list[dict[str, Any]]()
    place, window = after or ("", "", ""), _WINDOW
    while len(found) < limit:
        last = _last_of_window(database, agency, place, window)
        found += _between(database, agency, place, last, limit - len(found))
        if last is None:
            break
        place, window = (*last, _BEHIND_ALL), 8 * window
    return found


def _last_of_window(
    database: Database, agency: str | None, place: tuple[str, str, str], window: int
) -> tuple[str, str] | None:
    """The agency and code so many dossiers on from a place, in the order of the table; None: fewer are left.

    Rows are counted, of which a dossier may have several until they are merged: a window may be smaller.
    """
    code, dossier, _ = place
    found = database.query(
        f"""
        SELECT agency, dossier FROM dossiers WHERE (agency, dossier) >= ({{code:String}}, {{dossier:String}})
        {_whose(agency)} ORDER BY agency, dossier LIMIT 1 OFFSET {{window:UInt32}}
        """,
        {"code": code, "dossier": dossier, "agency": agency or "", "window": window},
    )
    return (found[0][0], found[0][1]) if found else None


def _between(
    database: Database,
    agency: str | None,
    place: tuple[str, str, str],
    last: tuple[str, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    code, dossier, warning = place
    # each in the form in which the engine finds the place by the table's order
    until = (
        ""
        if last is None
        else "AND (agency < {last_code:String}"
        " OR (agency = {last_code:String} AND dossier <= {last_dossier:String}))"
    )
    last_code, last_dossier = last or ("", "")
    return database.rows(
        f"""
        SELECT agency, dossier, warning FROM warnings
        WHERE (agency > {{code:String}} OR (agency = {{code:String}} AND dossier >= {{dossier:String}}))
            {until} {_whose(agency)}
            AND (agency, dossier, warning) > ({{code:String}}, {{dossier:String}}, {{warning:String}})
        ORDER BY agency, dossier, warning LIMIT {{limit:UInt32}}
        """,
        {
            "code": code,
            "dossier": dossier,
            "warning": warning,
            "last_code": last_code,
            "last_dossier": last_dossier,
            "agency": agency or "",
            "limit": limit,
        },
    )


def _whose(agency: str | None) -> str:
    return "" if agency is None else "AND agency = {agency:String}"
