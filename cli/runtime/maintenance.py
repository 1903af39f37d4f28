"""What commands on the data directory have the service do: backups, rebuilds, erasures, tokens, incidents,
disputes."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.commands.backup import told_of
from cli.commands.rebuild import rebuild_tables
from cli.runtime.backup_seal import seal_to_mark
from cli.runtime.control_channel import Command
from cli.runtime.dispute_desk import ObjectionDesk, SnapshotDesk
from cli.runtime.incident_desk import IncidentDesk
from cli.runtime.token_desk import TokenDesk
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import applied_to
from sinks.maintenance.backup import backup
from sinks.maintenance.erasure import erase
from streams.reading.app import KafkaSettings
from streams.recovery.from_events import WritersStopped
from streams.recovery.withdrawal import in_thread


class Maintenance:
    """The commands. Backups, rebuilds and erasures wait for each other; tokens, incidents
    and disputes wait for nobody.

    `folder` is the data directory; `paused` lets nobody write for as long as it is entered.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        database: Database,
        folder: Path,
        registry: Registry,
        paused: WritersStopped,
    ) -> None:
        self._kafka, self._database, self._folder, self._paused = kafka, database, folder, paused
        self._registry = registry
        self._one_by_one = asyncio.Lock()

    def commands(self) -> Mapping[str, Command]:
        """All of them, by the name under which they are asked."""
        return {
            "backup": self._backup,
            "rebuild": self._rebuild,
            "erase": self._erase,
            "token": self._at(TokenDesk(self._database, self._registry)),
            "incidents": self._at(IncidentDesk(self._database, self._registry)),
            "snapshots": self._at(SnapshotDesk(self._database, self._registry)),
            "objections": self._at(ObjectionDesk(self._database, self._registry)),
            "migrations": self._migrations,
        }

    async def _backup(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        folder, seal = Path(asked["folder"]), seal_to_mark(self._folder)
        async with self._one_by_one:
            return told_of(await in_thread(lambda look: backup(self._database, folder, look, seal)))

    async def _rebuild(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The worker is paused for the exchange only."""
        async with self._one_by_one:
            return await rebuild_tables(
                asked["source"], self._kafka, self._database, self._folder, self._paused
            )

    async def _migrations(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"applied": sorted(await asyncio.to_thread(applied_to, self._database))}

    async def _erase(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The worker is paused, and makes the agency's numbers anew when it goes on."""
        async with self._one_by_one, self._paused():
            return await in_thread(lambda look: erase(self._database, asked["dossier"]))

    def _at(self, desk: TokenDesk | IncidentDesk | SnapshotDesk | ObjectionDesk) -> Command:
        async def serve(asked: Mapping[str, Any]) -> dict[str, Any]:
            return await asyncio.to_thread(desk.serve, asked["wish"])

        return serve
