"""Adding, ending and removing incidents: in the tables themselves, or by the service that holds them."""

from collections.abc import Mapping
from typing import Any

from emc.instants import now_us
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.incidents.incident import moment_of
from sinks.incidents.store import IncidentStore


class IncidentDesk:
    """What `emc incidents` asks for; InputError for what was asked wrongly."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._store = IncidentStore(database, registry)

    def serve(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Carries out one of `add`, `end` and `remove`, named by `do`."""
        if asked["do"] == "add":
            to = None if asked["to"] is None else moment_of("to", asked["to"], is_end=True)
            return self._store.add(
                asked["agency"], moment_of("from", asked["from"]), to, asked["text"]
            ).told()
        if asked["do"] == "end":
            at = now_us() if asked["at"] is None else moment_of("at", asked["at"], is_end=True)
            return self._store.end(asked["id"], at).told()
        return self._store.remove(asked["id"]).told()
