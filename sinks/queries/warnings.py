"""Warnings: odd but countable facts of dossiers, computed from their present state when they are read."""

from typing import Any

from emc.agency_search import unregistered
from emc.registry import Registry
from sinks.clickhouse.database import Database


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
    whose = "" if agency is None else "AND agency = {agency:String}"
    code, dossier, warning = after or ("", "", "")
    return database.rows(
        f"""
        SELECT agency, dossier, warning FROM warnings
        WHERE (agency, dossier, warning) > ({{code:String}}, {{dossier:String}}, {{warning:String}}) {whose}
        ORDER BY agency, dossier, warning LIMIT {{limit:UInt32}}
        """,
        {"code": code, "dossier": dossier, "warning": warning, "agency": agency or "", "limit": limit},
    )
