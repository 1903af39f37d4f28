"""The table of incidents: adding, ending, removing them."""

import secrets

from msgspec.structs import replace

from emc.errors import InputError
from emc.instants import now_us
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.incidents.incident import Incident, checked
from sinks.queries.incidents import stored_incidents


class IncidentStore:
    """Writes incidents; InputError for one that may not be kept, or that there is not."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database, self._registry = database, registry

    def add(self, agency: str | None, from_: int, to: int | None, text: str) -> Incident:
        """Keeps a new one, of an agency or (None) of all; instants in microseconds."""
        return self._write(checked(Incident(secrets.token_hex(4), agency, from_, to, text), self._registry))

    def end(self, id_: str, at: int) -> Incident:
        """It ended at this moment (µs); one that has ended before ends at this one instead."""
        return self._write(checked(replace(self._find(id_), to=at), self._registry))

    def remove(self, id_: str) -> Incident:
        """Takes it back: it was entered by mistake, and is marked nowhere any more."""
        return self._write(self._find(id_), is_deleted=True)

    def _find(self, id_: str) -> Incident:
        found = next((each for each in stored_incidents(self._database) if each.id == id_), None)
        if found is None:
            raise InputError("there is no incident of that id; `emc incidents list` shows them")
        return found

    def _write(self, incident: Incident, is_deleted: bool = False) -> Incident:
        row = {
            "agency": incident.agency or "",
            "id": incident.id,
            "begins_at": incident.from_,
            "ends_at": incident.to,
            "text": incident.text,
            "version": now_us(),
            "is_deleted": int(is_deleted),
        }
        self._database.insert("incidents", {name: [value] for name, value in row.items()})
        return incident
