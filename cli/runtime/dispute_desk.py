"""What operators do about disputes: in the tables themselves, or by the service that holds them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.disputes.snapshot import Wanted
from sinks.queries.reader import Reader

COMMAND = "emc"
"""Who did it, where no token or session says so."""


class SnapshotDesk:
    """What `emc snapshots create` asks for; InputError for what was asked wrongly."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._reader = Reader(database, registry)

    def serve(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Freezes what `wanted` says."""
        return self._reader.freeze(msgspec.convert(asked["wanted"], Wanted), COMMAND)
