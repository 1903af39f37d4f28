"""The embedded service: broker, worker and API of one data directory, in one process and its one child."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fastapi import FastAPI

from cli.runtime.broker_watch import BrokerWatch
from cli.runtime.control_channel import ControlChannel
from cli.runtime.data_directory import DataDirectory, hold
from cli.runtime.ending import Ending
from cli.runtime.exposed_metrics import all_metrics, site_limits
from cli.runtime.health import Health
from cli.runtime.local_token import make_local_token
from cli.runtime.maintenance import Maintenance
from cli.runtime.prerequisites import check_prerequisites
from cli.runtime.sending import sending_of
from cli.runtime.uploading import uploads_of
from deploy.broker import Broker
from deploy.retention import set_retention
from deploy.topics import ensure_topics
from emc import settings
from emc.registry import load_registry
from emc.settings.upkeep import Upkeep
from portal.access.entrance import Entrance
from portal.access.once import link_of
from portal.access.rules import Rules, access_rules
from portal.api import create_app
from portal.clickhouse_http import ClickHouseFront
from portal.pages.routes import add_pages
from portal.server import Server
from producers.courier import Courier
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from sinks.queries.reader import Reader
from sinks.readonly.engine import LockedEngine
from streams.reading.app import KafkaSettings
from streams.reading.weight import LARGEST_BESIDE_ENGINE
from streams.supervision.worker import Worker

_SHOWN = "H25"
_log = logging.getLogger("emc.service")


class Listening(NamedTuple):
    """Where a service is to listen; port 0: a free one. All but the API on 127.0.0.1."""

    host: str = "127.0.0.1"
    port: int = 0
    kafka_port: int = 0
    clickhouse_port: int = 0


class Addresses(NamedTuple):
    """Where a service answers."""

    kafka: str
    api: str
    clickhouse: str


class Service:
    """Started step by step, stopped in the reverse order; a start that fails stops what it had started.

    `directory`, `reader`, `worker` and `addresses` are there once it is started.
    """

    directory: DataDirectory
    reader: Reader
    worker: Worker
    addresses: Addresses

    def __init__(self, data_dir: Path, command: str, listening: Listening) -> None:
        self._data_dir, self._command, self._listening = data_dir, command, listening
        self._ending = Ending()
        self.registry = load_registry()

    async def start(self, begins: Callable[[str], None] = lambda _: None) -> None:
        """Returns when events are read and questions are answered; EmcError when something is in the way.

        `begins` is called with what each step waits for.
        """
        try:
            await self._start(begins)
        except BaseException:
            await self.stop()
            raise

    async def _start(self, begins: Callable[[str], None]) -> None:
        os.umask(0o077)  # refused events, which may hold personal data, lie in files of broker and engine
        rules = access_rules(settings.current().door, "open", self._listening.host)
        await asyncio.to_thread(check_prerequisites, self.registry)
        begins("Waiting for the data directory …")
        self.directory = await asyncio.to_thread(hold, self._data_dir, self._command)
        self._ending.later("directory", self.directory.release)
        proxies = settings.current().door.believed()
        server = Server(self._listening.host, self._listening.port, proxies)
        self._ending.later("port", server.stop)
        front = ClickHouseFront(self._listening.clickhouse_port)
        self._ending.later("clickhouse port", front.stop)
        # The broker first: no process is begun once the engine's threads run in this one.
        begins("Waiting for the broker …")
        broker = await self._start_broker()
        begins("Waiting for ClickHouse's tables …")
        await self._open_tables(front)
        kafka = KafkaSettings(broker.bootstrap)
        folder, upkeep = self.directory.path / "worker", settings.current().upkeep
        self.worker = Worker(
            kafka,
            self.reader.database,
            folder,
            self.registry,
            upkeep,
            largest_batch=LARGEST_BESIDE_ENGINE,
        )
        await asyncio.to_thread(server.start, self._api(rules, kafka))
        self._ending.later("api", server.stop)
        self._ending.later("worker", self.worker.stop)  # it finishes its batch
        begins("Waiting for the worker, which takes its partitions …")
        await self.worker.start()
        self._ending.later("watch", BrokerWatch(broker).stop)
        self._take_commands(kafka)
        clickhouse = f"{front.url}/{self.reader.database.name}"
        self.addresses = Addresses(broker.bootstrap, server.url, clickhouse)
        self.directory.announce(server.url, broker.bootstrap)

    async def _start_broker(self) -> Broker:
        broker = Broker(self.directory.path, self._listening.kafka_port)
        self._ending.later("broker", broker.stop)
        await asyncio.to_thread(broker.start)
        await asyncio.to_thread(_make_topics, broker.bootstrap, settings.current().upkeep)
        return broker

    async def _open_tables(self, front: ClickHouseFront) -> None:
        db = await asyncio.to_thread(_open, self.directory.path / "clickhouse")
        self._ending.later("engine", db.close)
        locked = await asyncio.to_thread(LockedEngine, self.directory.path / "clickhouse", db.name)
        await asyncio.to_thread(front.start, locked)
        self._ending.later("clickhouse", front.stop)
        self.reader = Reader(db, self.registry)

    def _api(self, rules: Rules, kafka: KafkaSettings) -> FastAPI:
        local, provider = make_local_token(self.directory.path), settings.current().oidc
        self._entrance = entrance = Entrance(self.reader, rules, local, provider)
        self._ending.later("record of access", entrance.close)
        entrance.record.start()
        health = Health.of_worker(self.reader, self.worker)
        metrics = all_metrics(self.worker, self.reader.database, self.registry)
        courier = Courier(kafka.bootstrap)
        self._ending.later("courier", courier.close)
        sending = sending_of(entrance, courier)
        app = create_app(entrance, health, metrics, sending)
        uploads = uploads_of(kafka, self.registry, self.directory.path)
        if uploads is not None:
            self._ending.later("uploads", uploads.close)
        pages = add_pages(app, entrance.guard, health, site_limits(self.registry), uploads)
        self._ending.later("pages", pages.close)
        return app

    def sign_in_link(self) -> str:
        """A link that signs an officer of an agency in, once: of H25 where there is one."""
        agency = _SHOWN if _SHOWN in self.registry else min(self.registry.agencies)
        return link_of(self.addresses.api, self._entrance.invitations.invite(agency))

    def _take_commands(self, kafka: KafkaSettings) -> None:
        database, folder = self.reader.database, self.directory.path
        maintenance = Maintenance(kafka, database, folder, self.registry, self.worker.paused)
        control = ControlChannel(folder, maintenance.commands())
        control.start()
        self._ending.later("control channel", control.stop)

    async def stop(self) -> None:
        """The worker finishes its batch, then the API ends, then the broker. May be repeated."""
        await self._ending.end()


def _make_topics(bootstrap: str, upkeep: Upkeep) -> None:
    """The broker is ours alone, so its topics follow the settings also when they are there already."""
    kept = (upkeep.topic_days, upkeep.rejected_topic_days)
    found = ensure_topics(bootstrap, rejected_retention_days=kept[1], events_retention_days=kept[0])
    if any("retention.ms" in difference for topic in found for difference in topic.differences):
        set_retention(bootstrap, *kept)


def _open(folder: Path) -> Database:
    db = Database(folder)
    try:
        applied = migrate(db)
    except BaseException:
        db.close()
        raise
    if applied:
        _log.info("tables made", extra={"migrations": applied})
    return db
