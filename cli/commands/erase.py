"""`emc erase`: one dossier, out of every table, on request."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.commands.backup import FOLDER
from cli.runtime import control_client
from cli.runtime.data_directory import Holder, service_or_hold
from cli.runtime.group_drained import stopped_by_hand
from emc import settings
from emc.errors import InputError, SettingError
from emc.identifiers import dossier_agency
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from sinks.maintenance.backup_search import holding
from sinks.maintenance.erasure import erase as erase_from
from streams.reading.app import KafkaSettings
from streams.reading.topic import TopicReader

_TOPICS = (
    "The topics keep its messages until their retention takes them (EMC_TOPIC_RETENTION_DAYS,"
    " EMC_REJECTED_TOPIC_RETENTION_DAYS); they count no more, whoever reads them again."
)


@click.command()
@click.argument("dossier")
@click.option("--yes", is_flag=True, help="Without asking once more.")
@click.option(
    "--backup", "backups", type=FOLDER, multiple=True, help="Say whether this backup holds it; repeatable."
)
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    help="Seconds to wait for the workers to be stopped (with --clickhouse).",
)
@options.kafka
@options.clickhouse
@options.data_dir
@options.as_json
def erase(
    dossier: str,
    yes: bool,
    backups: tuple[Path, ...],
    patience: float,
    kafka: str | None,
    clickhouse: str | None,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Erase DOSSIER from every table and local store, for ever; the rates follow.

    A running `emc up` does it itself. On external components the workers are to be stopped when this command
    says so, and started again once it has ended. Events of the dossier that come later, or are read again,
    are passed over; a restored backup loses it. `emc audit` counts what is left of any erased dossier.
    """
    if dossier_agency(dossier) is None:
        raise InputError("DOSSIER is no dossier code, expected one such as H25.16-240305-0007")
    if not yes:
        _confirm()
    if clickhouse is not None:
        rows = _external(dossier, patience, kafka, clickhouse)
    else:
        found = service_or_hold(data_dir, "erase")
        if isinstance(found, Holder):
            rows = control_client.ask(data_dir, found, "erase", dossier=dossier)
        else:
            with found, Database(found.path / "clickhouse") as database:
                migrate(database)
                rows = erase_from(database, dossier)
    _show(rows, holding(backups, dossier), as_json)


def _external(dossier: str, patience: float, kafka: str | None, clickhouse: str) -> dict[str, int]:
    if kafka is None:
        raise SettingError("kafka is not given, expected --kafka HOSTS: it tells whether workers are running")
    stream = KafkaSettings(kafka, security=settings.current().kafka.security())
    topic = TopicReader(kafka, stream.topic, stream.group, **stream.security)
    try:
        with Database(settings.current().clickhouse.url(clickhouse)) as database:
            migrate(database)
            return asyncio.run(_stopped(topic, patience, database, dossier))
    finally:
        topic.close()


async def _stopped(topic: TopicReader, patience: float, database: Database, dossier: str) -> dict[str, int]:
    async with stopped_by_hand(topic, patience)():
        return await asyncio.to_thread(erase_from, database, dossier)


def _show(rows: dict[str, Any], backups: Sequence[Path], as_json: bool) -> None:
    """Rows erased by table, the backups that hold the dossier, and what stays."""
    if as_json:
        printing.line({"rows": rows, "backups": [str(folder) for folder in backups]})
        return
    said = ", ".join(f"{printing.count(count)} of {table}" for table, count in rows.items() if count)
    printing.say(f"Erased: {said or 'no rows, none was held'}.")
    for folder in backups:
        printing.say(f"The backup {folder} holds it: restored, it loses it; else delete the backup.")
    printing.say(_TOPICS)


def _confirm() -> None:
    """Asks, and ends the command unless the answer is yes; so it does where nobody is there to be asked."""
    try:
        click.confirm(printing.spoken("Erase this dossier for ever?"), abort=True, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        printing.put("", err=True)  # ends the line of the question
        raise InputError("erasing was not confirmed; say --yes where nobody can be asked") from None
