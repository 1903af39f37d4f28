"""`emc backup` and `emc restore`: all tables as files, taken while the workers write, and back again."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.runtime import control_client
from cli.runtime.backup_seal import seal_to_know, seal_to_mark
from cli.runtime.data_directory import Holder, hold, service_or_hold
from cli.runtime.engine_files import engine_files
from cli.runtime.group_drained import group_empty
from emc import settings
from emc.errors import SettingError
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from sinks.maintenance.backup import Manifest
from sinks.maintenance.backup import backup as take
from sinks.maintenance.restore import restore as put_back
from sinks.maintenance.seal import Seal
from streams.reading.topic import TopicReader

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
@options.clickhouse
@options.data_dir
@options.as_json
def backup(folder: Path, clickhouse: str | None, data_dir: Path, as_json: bool) -> None:
    """Write a backup of all tables into DIR, which must be new or empty. Workers may go on writing.

    Restored, it and the topic of events end in the same numbers: keep the topic at least as long as the
    backups are apart. The bytes of refused events are in their topic only, not here.
    """
    if clickhouse is not None:
        with Database(settings.current().clickhouse.url(clickhouse)) as database:
            told = told_of(take(database, folder.resolve(), seal=seal_to_mark(None)))
    else:
        found = service_or_hold(data_dir, "backup", only_reads=True)
        if isinstance(found, Holder):
            told = control_client.ask(data_dir, found, "backup", folder=str(folder.resolve()))
        else:
            with found, engine_files(found) as files, Database(files) as database:
                migrate(database)
                told = told_of(take(database, folder.resolve(), seal=_seal_of_stopped(found.path)))
    _show(told, f"Backup written into {folder}", as_json)


@click.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--replace", is_flag=True, help="Even if the tables hold data, which is lost.")
@click.option("--unknown", is_flag=True, help="Even if the backup does not bear the mark of this key.")
@options.clickhouse
@options.kafka
@options.data_dir
@options.as_json
def restore(
    folder: Path,
    replace: bool,
    unknown: bool,
    clickhouse: str | None,
    kafka: str | None,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Put the backup in DIR in the place of the tables. No worker may be running.

    With --clickhouse, --kafka is needed to see that none is. Workers started afterwards read on where the
    backup stands.
    """
    with _tables(clickhouse, kafka, data_dir) as database:
        seal = None if unknown else seal_to_know(data_dir if clickhouse is None else None)
        told = told_of(put_back(database, folder.resolve(), replace=replace, seal=seal))
        if seal is None:
            printing.say(
                (
                    "emc: whose backup this is cannot be told: there is no key to know it by;"
                    " the backup.key of the directory that it is of, put here before, would tell"
                ),
                err=True,
            )
    _show(told, f"Backup of {folder} restored", as_json)


def _seal_of_stopped(directory: Path) -> Seal | None:
    """A directory that cannot be written keeps what key it has."""
    return seal_to_mark(directory) if os.access(directory, os.W_OK) else seal_to_know(directory)


@contextlib.contextmanager
def _tables(clickhouse: str | None, kafka: str | None, data_dir: Path) -> Iterator[Database]:
    """The tables, with nobody writing into them."""
    if clickhouse is None:
        with hold(data_dir, "restore") as held, Database(held.path / "clickhouse") as database:
            yield database
        return
    if kafka is None:
        raise SettingError("kafka is not given, expected --kafka HOSTS: it tells whether workers are running")
    topic = TopicReader(kafka, "emc.events", "emc", **settings.current().kafka.security())
    try:
        asyncio.run(group_empty(topic, patience=0.0))
    finally:
        topic.close()
    with Database(settings.current().clickhouse.url(clickhouse)) as database:
        yield database


def told_of(manifest: Manifest) -> dict[str, Any]:
    """What is told of a backup: when it was taken, tables, files and bytes."""
    files = sum(len(table.files) for table in manifest.tables)
    facts = {"tables": len(manifest.tables), "files": files, "bytes": manifest.bytes}
    return {"taken_at": manifest.taken_at, **facts}


def _show(told: dict[str, Any], sentence: str, as_json: bool) -> None:
    if as_json:
        printing.line(told)
    else:
        size = printing.count(told["bytes"])
        printing.say(f"{sentence}: {told['tables']} tables, {told['files']} files, {size} bytes.")
