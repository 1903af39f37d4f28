"""Incidents as they are read: of agencies, and of a stretch of days."""

from sinks.clickhouse.database import Database
from sinks.incidents.incident import Incident
from sinks.incidents.touching import Days, Told, touches


def stored_incidents(database: Database) -> list[Incident]:
    """All there are, the newest first."""
    rows = database.query(
        "SELECT id, agency, begins_at, ends_at, text FROM incidents FINAL ORDER BY begins_at DESC, id"
    )
    return [Incident(id_, agency or None, *rest) for id_, agency, *rest in rows]


def read_incidents(database: Database, agencies: frozenset[str] | None, days: Days | None) -> list[Told]:
    """Incidents that touch these days (None: any), the newest first.

    `agencies`: those of these, and those that concern all; None: everybody's.
    """
    return [
        each.told()
        for each in stored_incidents(database)
        if (agencies is None or each.agency is None or each.agency in agencies)
        and (days is None or touches(each.told(), *days))
    ]
