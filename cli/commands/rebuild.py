"""`emc rebuild`: tables made anew from Kafka or from the stored events, beside those in use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.runtime import control_client, logs
from cli.runtime.data_directory import DataDirectory, Holder, service_or_hold
from cli.runtime.group_drained import stopped_by_hand
from emc import settings
from emc.errors import SettingError
from emc.registry import load_registry
from emc.translation import noun
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from streams.reading.app import KafkaSettings
from streams.reading.topic import TopicReader
from streams.recovery.from_events import WritersStopped, rebuild_from_events
from streams.recovery.from_topic import rebuild_from_topic


@click.command()
@click.option("--from-topic", "source", flag_value="topic", help="Every table, from all messages in Kafka.")
@click.option(
    "--from-events", "source", flag_value="events", help="States, cells and rates, from table events."
)
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    help="Seconds to wait at the end for the workers to be stopped.",
)
@options.kafka
@options.clickhouse
@options.data_dir
@options.log_level
@options.as_json
def rebuild(
    source: str | None,
    patience: float,
    kafka: str | None,
    clickhouse: str | None,
    data_dir: Path,
    log_level: str,
    as_json: bool,
) -> None:
    """Make tables anew beside those in use, compare them, and exchange them at the end.

    The old tables serve meanwhile. A running `emc up` does it itself and only pauses its worker for the
    exchange. On external components the workers are to be stopped when this command says so, and started
    again once it has ended. Refused where something would be lost.
    """
    if source is None:
        raise SettingError("nothing to rebuild from is given, expected --from-topic or --from-events")
    logs.set_up(log_level)
    if clickhouse is not None:
        found = _external(source, patience, kafka, clickhouse, data_dir)
    else:
        holder = service_or_hold(data_dir, "rebuild")
        if isinstance(holder, Holder):
            found = control_client.ask(data_dir, holder, "rebuild", source=source)
        else:
            found = _held(source, holder)
    if as_json:
        printing.line(found)
    else:
        rows, agencies = found["checked"], found["agencies"]
        printing.say(
            f"Rebuilt: {printing.count(rows)} {noun(rows, 'row', 'rows')} of "
            f"{agencies} {noun(agencies, 'agency', 'agencies')} compared, {found['different']} different."
        )


async def rebuild_tables(
    source: str, kafka: KafkaSettings, database: Database, folder: Path, stopped: WritersStopped
) -> dict[str, Any]:
    """Rebuilds from the topic or from the events; returns the audit."""
    if source == "topic":
        return await rebuild_from_topic(kafka, database, load_registry(), folder, stopped)
    return await rebuild_from_events(database, folder, stopped)


def _external(
    source: str, patience: float, kafka: str | None, clickhouse: str, data_dir: Path
) -> dict[str, Any]:
    if kafka is None:
        raise SettingError("kafka is not given, expected --kafka HOSTS beside --clickhouse")
    stream = KafkaSettings(kafka, security=settings.current().kafka.security())
    topic = TopicReader(kafka, stream.topic, stream.group, **stream.security)
    try:
        with Database(settings.current().clickhouse.url(clickhouse)) as database:
            migrate(database)
            stopped = stopped_by_hand(topic, patience)
            return asyncio.run(rebuild_tables(source, stream, database, data_dir, stopped))
    finally:
        topic.close()


def _held(source: str, directory: DataDirectory) -> dict[str, Any]:
    """Without a service: only from the events, for the broker is not running."""
    with directory, Database(directory.path / "clickhouse") as database:
        if source == "topic":
            raise SettingError(
                f"no service runs on {directory.path}; start it with `emc up`, then rebuild from it"
            )
        migrate(database)
        return asyncio.run(rebuild_from_events(database, directory.path, _nobody_writes))


@asynccontextmanager
async def _nobody_writes() -> AsyncIterator[None]:
    """The directory is held by this command."""
    yield
