"""A worker or an API on external components, until it is told to end."""

import asyncio
import contextlib
import fcntl
from pathlib import Path
from typing import IO

from cli import printing
from cli.options import MOST_WORKERS
from cli.runtime import logs, stopping
from cli.runtime.data_directory import refuse_foreign
from cli.runtime.exposed_metrics import site_limits, tables_metrics, worker_metrics
from cli.runtime.health import Health, gateway_health
from cli.runtime.sending import sending_of
from cli.runtime.uploading import uploads_of
from emc import settings
from emc.errors import DataDirectoryError
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.access.rules import access_rules
from portal.api import bare_app, create_app, create_gateway
from portal.health import health_routes
from portal.pages.routes import add_pages
from portal.server import Server
from producers.courier import Courier
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from sinks.queries.reader import Reader
from streams.reading.app import KafkaSettings
from streams.reading.topic import TopicReader
from streams.supervision.lag import LagReader
from streams.supervision.worker import Worker


def run_worker(kafka: str, clickhouse: str, data_dir: Path, port: int, host: str, log_level: str) -> int:
    """Runs a worker and returns its exit code; EmcError when something keeps it from starting."""
    logs.set_up(log_level)
    stream = KafkaSettings(kafka, security=settings.current().kafka.security())
    url, duties = settings.current().clickhouse.url(clickhouse), settings.current().upkeep
    rules = access_rules(settings.current().door, "tokens", host)

    async def work(stop: stopping.Stop) -> int:
        registry = load_registry()
        server = Server(host, port, settings.current().door.believed())
        with contextlib.ExitStack() as stack:
            stack.callback(server.stop)
            db = stack.enter_context(Database(url))
            await stop.unless(asyncio.to_thread(migrate, db))
            slot = stack.enter_context(_take_slot(data_dir))
            running = Worker(stream, db, Path(slot.name).parent, registry, duties)
            reader = Reader(db, registry)
            entrance = stack.enter_context(Entrance(reader, rules))
            health = Health.of_worker(reader, running)
            app = bare_app(entrance)
            app.include_router(health_routes(health, entrance.keeper, worker_metrics(running, registry)))
            try:
                await stop.unless(running.start())
                await asyncio.to_thread(server.start, app)
                printing.line({"health": f"{server.url}/v1/health"})
                await stop.wait()
            finally:
                await running.stop()
        return 0

    return stopping.run(work)


def run_api(kafka: str, clickhouse: str, port: int, host: str, log_level: str) -> int:
    """Serves the API and returns its exit code; EmcError when something keeps it from starting."""
    logs.set_up(log_level)
    stream = KafkaSettings(kafka, security=settings.current().kafka.security())
    url, door = settings.current().clickhouse.url(clickhouse), settings.current().door
    rules = access_rules(door, "tokens", host)

    async def serve(stop: stopping.Stop) -> int:
        registry = load_registry()
        limits = site_limits(registry)
        server = Server(host, port, settings.current().door.believed())
        with contextlib.ExitStack() as stack:
            stack.callback(server.stop)
            db = stack.enter_context(Database(url))
            await stop.unless(asyncio.to_thread(db.query, "SELECT 1"))
            topic = TopicReader(kafka, stream.topic, stream.group, **stream.security)
            stack.callback(topic.close)
            reader = Reader(db, registry)
            entrance = stack.enter_context(Entrance(reader, rules, None, settings.current().oidc))
            courier = Courier(kafka, stream.topic, kafka=stream.security)
            stack.callback(courier.close)
            sending = sending_of(entrance, courier)
            lag = LagReader(topic, db)
            health = Health(reader, lag, open_transactions=lag.open_transactions)
            app = create_app(entrance, health, tables_metrics(db, registry), sending)
            uploads = uploads_of(stream, registry, None)
            if uploads is not None:
                stack.callback(uploads.close)
            stack.callback(add_pages(app, entrance.guard, health, limits, uploads).close)
            await asyncio.to_thread(server.start, app)
            printing.line({"api": server.url})
            await stop.wait()
        return 0

    return stopping.run(serve)


def run_gateway(kafka: str, clickhouse: str, port: int, host: str, log_level: str) -> int:
    """Takes events over HTTP and returns its exit code; EmcError when something keeps it from starting."""
    logs.set_up(log_level)
    url, door = settings.current().clickhouse.url(clickhouse), settings.current().door
    rules = access_rules(door, "tokens", host)
    security = settings.current().kafka.security()

    async def serve(stop: stopping.Stop) -> int:
        server = Server(host, port, settings.current().door.believed())
        with contextlib.ExitStack() as stack:
            stack.callback(server.stop)
            db = stack.enter_context(Database(url))
            await stop.unless(asyncio.to_thread(db.query, "SELECT 1"))
            entrance = stack.enter_context(Entrance(Reader(db, load_registry()), rules))
            courier = Courier(kafka, kafka=security)
            stack.callback(courier.close)
            sending = sending_of(entrance, courier)
            app = create_gateway(entrance, gateway_health(db, courier), sending)
            await asyncio.to_thread(server.start, app)
            printing.line({"gateway": server.url})
            await stop.wait()
        return 0

    return stopping.run(serve)


def _take_slot(data_dir: Path) -> IO[str]:
    """The locked file in the first free `worker-N`: two workers must not share a local store."""
    refuse_foreign(data_dir)
    for number in range(1, MOST_WORKERS + 1):
        folder = data_dir.resolve() / f"worker-{number}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = (folder / "lock").open("w", encoding="utf-8")
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            lock.close()
        except OSError as error:
            raise DataDirectoryError(f"{folder} cannot be used ({error.strerror})") from None
    raise DataDirectoryError(f"{data_dir} has {MOST_WORKERS} workers already")
