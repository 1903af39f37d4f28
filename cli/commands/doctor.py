"""`emc doctor`: looks at a deployment from where it runs, and says of each thing how it is and what to do."""

import logging
import platform
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import click
import msgspec

from cli import options, printing
from cli.commands.doctor_clickhouse import ClickHouse
from cli.commands.doctor_disk import disk_of
from cli.commands.doctor_kafka import NEEDS, Kafka
from cli.commands.findings import Finding, broken, doubtful, guarded, show, well
from cli.runtime.api_reader import ApiReader
from cli.runtime.data_directory import Holder, service_or_hold
from cli.runtime.engine_files import engine_files
from emc import settings
from emc.errors import InputError
from sinks.clickhouse.database import Database

_PROGRAM = "emc-monitor"
_KAFKA_ADVICE = "Look at the address, the brokers, and EMC_KAFKA_* for user and password."
_CLICKHOUSE_ADVICE = "Look at the address, the server, and the user and password of the URL."
_API_ADVICE = "Look whether it runs, and what its log says."


@click.command()
@options.kafka
@options.clickhouse
@options.api
@options.data_dir
@click.option(
    "--role",
    type=click.Choice(list(NEEDS)),
    default="worker",
    show_default=True,
    help="Whose user and passwords are used here, to judge what they may do.",
)
@click.option("--send", is_flag=True, help="Also send an empty batch: it counts nowhere, but tells more.")
@options.as_json
def doctor(
    kafka: str | None,
    clickhouse: str | None,
    api: str | None,
    data_dir: Path,
    role: str,
    send: bool,
    as_json: bool,
) -> int:
    """Examine a deployment: versions, topics, tables, permissions, clocks, lag.

    Looks at what is named, with --kafka, --clickhouse and --api; if nothing is, at the data directory.
    Changes nothing. Exit code 1 if something does not work.
    """
    logging.disable(logging.CRITICAL)  # what libraries complain about is found here too, in our words
    if send and not kafka:
        raise InputError("--send needs --kafka")
    with ExitStack() as stack:
        if not (kafka or clickhouse or api):
            findings = _data_directory(stack, data_dir, role)
        else:
            findings = _named(stack, kafka, clickhouse, api, role, send)
        worst = [_print(finding, as_json) for finding in _with_program(findings)]
    return 1 if "fail" in worst else 0


def _print(finding: Finding, as_json: bool) -> str:
    if as_json:
        printing.line(msgspec.structs.asdict(finding))
        return finding.status
    show(finding)
    return finding.status


def _with_program(findings: Iterator[Finding]) -> Iterator[Finding]:
    yield from _program()
    yield from findings


def _program() -> Iterator[Finding]:
    """The program itself: which version, and whether its libraries are those it was measured with."""
    running = f"Python {platform.python_version()}"
    try:
        pinned = dict(
            name.split("==") for name in requires(_PROGRAM) or () if "==" in name and ";" not in name
        )
        own = version(_PROGRAM)
    except PackageNotFoundError:
        yield well("program", f"from its sources, {running}")
        return
    other = [
        f"{name} {_installed(name)}, not {wanted}"
        for name, wanted in pinned.items()
        if _installed(name) not in (None, wanted)
    ]
    if other:
        yield doubtful("program", f"{own}, {running}; {'; '.join(other)}", "Install from requirements.lock.")
    else:
        yield well("program", f"{own}, {running}, libraries as locked")


def _installed(name: str) -> str | None:
    try:
        return version(name).removeprefix("v")
    except PackageNotFoundError:
        return None


def _named(
    stack: ExitStack,
    kafka: str | None,
    clickhouse: str | None,
    api: str | None,
    role: str,
    send: bool,
    is_embedded: bool = False,
) -> Iterator[Finding]:
    topic_id = None

    @cache
    def database() -> Database:
        return stack.enter_context(Database(settings.current().clickhouse.url(clickhouse or "")))

    if kafka:
        known = database if clickhouse else None
        security = settings.current().kafka.security()
        examined = Kafka(kafka, security, role, is_embedded=is_embedded, tables=known)
        yield from guarded("kafka", _KAFKA_ADVICE, examined.examine)
        topic_id = examined.topic_id
        if send:
            yield from guarded("kafka write", _KAFKA_ADVICE, examined.send)
    if clickhouse:

        def tables() -> Iterator[Finding]:
            yield from ClickHouse(database(), role).examine(topic_id)

        yield from guarded("clickhouse", _CLICKHOUSE_ADVICE, tables)
    if api:
        yield from guarded("api", _API_ADVICE, lambda: _api(api))


def _data_directory(stack: ExitStack, data_dir: Path, role: str) -> Iterator[Finding]:
    """The embedded service if one runs, else the tables that it has left."""
    found = service_or_hold(data_dir, "doctor", only_reads=True)
    if isinstance(found, Holder):
        yield well("service", f"`emc {found.command}` on {data_dir}, process {found.pid}")
        yield disk_of(data_dir)
        yield from _named(stack, found.kafka, None, found.api, role, False, is_embedded=True)
        return
    stack.enter_context(found)
    yield disk_of(found.path)
    yield doubtful(
        "service", f"none runs on {data_dir}", "Start it with `emc up`; the tables are looked at alone."
    )
    if not (found.path / "clickhouse").is_dir():
        yield broken("tables", "there are none", "Start it with `emc up`, which makes them.")
        return

    def tables() -> Iterator[Finding]:
        files = stack.enter_context(engine_files(found))
        yield from ClickHouse(stack.enter_context(Database(files)), role, is_embedded=True).examine()

    yield from guarded("clickhouse", _CLICKHOUSE_ADVICE, tables)


def _api(url: str) -> Iterator[Finding]:
    reader = ApiReader(url, settings.current().api.token())
    try:
        health = reader.health()
    finally:
        reader.close()
    lag = health["lag"]
    status = health["status"]
    said = f"{status}, lag not known" if lag is None else f"{status}, lag {lag}"
    audit = health.get("audit") or {}
    if health["status"] == "down":
        yield broken(
            "api", f"{said}: {health['waiting_for']}", "It cannot read its tables: look at ClickHouse."
        )
    elif audit.get("different"):
        yield broken(
            "api",
            f"{said}; the audit found {audit['different']} differences",
            "Run `emc audit`, then report it.",
        )
    elif health["status"] != "ok":
        yield doubtful("api", f"{said}: {health['waiting_for']}", "Look at what it waits for.")
    else:
        yield well("api", said)
