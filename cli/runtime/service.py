"""The embedded service: broker, worker and API of one data directory, in one process and its one child."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cli.commands.backup import told_of
from cli.commands.rebuild import rebuild_tables
from cli.runtime.control_channel import ControlChannel
from cli.runtime.data_directory import DataDirectory, hold
from cli.runtime.exposed_metrics import all_metrics, site_limits
from cli.runtime.health import Health
from cli.runtime.local_token import make_local_token
from cli.runtime.sending import sending_of
from cli.runtime.token_desk import TokenDesk
from deploy.broker import Broker
from deploy.retention import set_retention
from deploy.topics import ensure_topics
from emc import settings
from emc.errors import EmcError
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.access.rules import access_rules
from portal.api import create_app
from portal.clickhouse_http import ClickHouseFront
from portal.pages.routes import add_pages
from portal.server import Server
from producers.courier import Courier
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from sinks.maintenance.backup import backup
from sinks.queries.reader import Reader
from sinks.readonly.engine import LockedEngine
from streams.reading.app import KafkaSettings
from streams.recovery.withdrawal import in_thread
from streams.supervision.worker import Worker

_log = logging.getLogger("emc.service")
_LOOK_EVERY = 1.0
_LONGEST_PAUSE = 30.0


class Service:
    """Started step by step, stopped in the reverse order; a start that fails stops what it had started."""

    def __init__(
        self,
        data_dir: Path,
        command: str,
        kafka_port: int,
        port: int,
        host: str,
        clickhouse_port: int = 0,
    ) -> None:
        self._data_dir, self._command, self._clickhouse_port = data_dir, command, clickhouse_port
        self._kafka_port, self._port, self._host = kafka_port, port, host
        self._undo: list[tuple[str, Callable[[], object]]] = []
        self._worker: Worker | None = None
        self._control: ControlChannel | None = None
        self._maintenance = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None
        self.registry, self._upkeep = load_registry(), settings.current().upkeep
        self._rules = access_rules(settings.current().door, "open", host)
        self.kafka = self.api = self.clickhouse = ""
        self.directory: DataDirectory
        self.reader: Reader

    @property
    def worker(self) -> Worker:
        """The running worker."""
        assert self._worker is not None
        return self._worker

    async def start(self) -> None:
        """Returns when events are read and questions are answered; EmcError when something is in the way."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        self.directory = await asyncio.to_thread(hold, self._data_dir, self._command)
        self._later("directory", self.directory.release)
        server = Server(self._host, self._port)
        self._later("port", server.stop)
        front = ClickHouseFront(self._clickhouse_port)
        self._later("clickhouse port", front.stop)
        # The broker first: no process is begun once the engine's threads run in this one.
        broker = Broker(self.directory.path, self._kafka_port)
        self._later("broker", broker.stop)
        await asyncio.to_thread(broker.start)
        await asyncio.to_thread(self._make_topics, broker.bootstrap)
        db = await asyncio.to_thread(self._open)
        self._later("engine", db.close)
        locked = await asyncio.to_thread(LockedEngine, self.directory.path / "clickhouse", db.name)
        await asyncio.to_thread(front.start, locked)
        self._later("clickhouse", front.stop)
        self.reader = Reader(db, self.registry)
        self._worker = worker = Worker(
            KafkaSettings(broker.bootstrap),
            db,
            self.directory.path / "worker",
            self.registry,
            self._upkeep,
        )
        entrance = Entrance(self.reader, self._rules, make_local_token(self.directory.path))
        self._later("record of access", entrance.close)
        entrance.record.start()
        health = Health.of_worker(self.reader, worker)
        metrics = all_metrics(worker, db, self.registry)
        courier = Courier(broker.bootstrap)
        self._later("courier", courier.close)
        sending = sending_of(entrance, courier)
        app = create_app(entrance, health, metrics, sending)
        add_pages(app, entrance.guard, health, site_limits(self.registry))
        await asyncio.to_thread(server.start, app)
        self._later("api", server.stop)
        await worker.start()
        self._watch = asyncio.create_task(_keep_running(broker))
        known = {"backup": self._backup, "rebuild": self._rebuild, "token": self._token}
        self._control = ControlChannel(self.directory.path, known)
        self._control.start()
        self.kafka, self.api = broker.bootstrap, server.url
        self.clickhouse = f"{front.url}/{db.name}"
        self.directory.announce(self.api, self.kafka)

    def _make_topics(self, address: str) -> None:
        """The broker is ours alone, so its topics follow the settings also when they are there already."""
        kept = (self._upkeep.topic_days, self._upkeep.rejected_topic_days)
        found = ensure_topics(address, rejected_retention_days=kept[1], events_retention_days=kept[0])
        if any("retention.ms" in difference for topic in found for difference in topic.differences):
            set_retention(address, *kept)

    async def _backup(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """For `emc backup`."""
        database, folder = self.reader.database, Path(asked["folder"])
        async with self._maintenance:
            return told_of(await in_thread(lambda look: backup(database, folder, look)))

    async def _rebuild(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """For `emc rebuild`: the worker is paused for the exchange only."""
        kafka, folder, database = KafkaSettings(self.kafka), self.directory.path, self.reader.database
        async with self._maintenance:
            return await rebuild_tables(asked["source"], kafka, database, folder, self.worker.paused)

    async def _token(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """For `emc token`."""
        return await asyncio.to_thread(TokenDesk(self.reader.database, self.registry).serve, asked["wish"])

    def _open(self) -> Database:
        db = Database(self.directory.path / "clickhouse")
        try:
            applied = migrate(db)
        except BaseException:
            db.close()
            raise
        if applied:
            _log.info("tables made", extra={"migrations": applied})
        return db

    def _later(self, name: str, undo: Callable[[], object]) -> None:
        self._undo.append((name, undo))

    async def stop(self) -> None:
        """The worker finishes its batch, then the API ends, then the broker. May be repeated."""
        if self._watch is not None:
            self._watch.cancel()
        if self._control is not None:
            await self._control.stop()
        worker, self._worker = self._worker, None
        if worker is not None:
            try:
                await worker.stop()
            except Exception as error:  # what it had not finished is read again next time
                _log.warning("not stopped in order", extra={"part": "worker", "reason": type(error).__name__})
        while self._undo:
            name, undo = self._undo.pop()
            try:
                await asyncio.to_thread(undo)
            except Exception as error:  # the others must be stopped all the same
                _log.warning("not stopped in order", extra={"part": name, "reason": type(error).__name__})


async def _keep_running(broker: Broker) -> None:
    """Starts the broker again, on its port, should it end; meanwhile the worker waits and says so."""
    pause = _LOOK_EVERY
    while True:
        await asyncio.sleep(pause)
        if broker.running:
            pause = _LOOK_EVERY
            continue
        _log.error("the broker has ended and is started again", extra={"log": str(broker.log.server)})
        try:
            await asyncio.to_thread(broker.start)
        except EmcError as error:
            pause = min(pause * 2, _LONGEST_PAUSE)
            _log.error("the broker did not start", extra={"reason": str(error), "pause": pause})
