"""What operators do about disputes: in the tables themselves, or by the service that holds them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from emc.access import EVERY_SCOPE, Caller
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.disputes.objection import Writing
from sinks.disputes.snapshot import Wanted
from sinks.queries.reader import Reader

OPERATOR = Caller(None, EVERY_SCOPE, "emc")
"""Who did it, where no token or session says so."""


class SnapshotDesk:
    """What `emc snapshots create` asks for; InputError for what was asked wrongly."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._reader = Reader(database, registry)

    def serve(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Freezes what `wanted` says."""
        return self._reader.freeze(msgspec.convert(asked["wanted"], Wanted), OPERATOR.name)


class ObjectionDesk:
    """What `emc objections answer` and `blot-out` ask for; InputError for what was asked wrongly."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._reader = Reader(database, registry)

    def serve(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Carries out one of `answer` and `blot-out`, named by `do`."""
        if asked["do"] == "answer":
            writing = msgspec.convert(asked["writing"], Writing)
            return self._reader.write_about(asked["id"], writing, OPERATOR)
        return self._reader.blot_out(asked["id"], asked["message"])
