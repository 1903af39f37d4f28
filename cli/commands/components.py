"""`emc topics` and `emc migrate`: what Kafka and ClickHouse need to have before a worker starts."""

from functools import partial
from pathlib import Path

import click

from cli import options, printing
from cli.runtime import control_client
from cli.runtime.data_directory import Holder, service_or_hold
from cli.runtime.engine_files import engine_files
from deploy.retention import set_retention
from deploy.topics import Topic, ensure_topics
from emc import settings
from emc.errors import DataDirectoryError
from emc.settings.upkeep import Upkeep
from emc.translation import noun
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import applied_to, files
from sinks.clickhouse.migrate import migrate as run_migrations

_DAYS = click.IntRange(1, 100_000)


@click.command()
@options.required_kafka
@click.option("--partitions", type=click.IntRange(1), default=12, show_default=True, help="Of each topic.")
@click.option("--replication", type=click.IntRange(1), default=1, show_default=True, help="Copies of each.")
@options.of(Upkeep, "rejected_topic_days", _DAYS, name="--rejected-retention-days")
@options.of(Upkeep, "topic_days", _DAYS, name="--events-retention-days")
@click.option("--alter", is_flag=True, help="Set the retention also of topics that are there already.")
@options.as_json
def topics(
    kafka: str,
    partitions: int,
    replication: int,
    rejected_retention_days: int,
    events_retention_days: int | None,
    alter: bool,
    as_json: bool,
) -> None:
    """Make the two topics unless they exist, and tell what departs from what was asked."""
    security = settings.current().kafka.security()
    ask = partial(
        ensure_topics,
        kafka,
        partitions,
        replication,
        rejected_retention_days,
        events_retention_days=events_retention_days,
        client=security,
    )
    found = ask()
    if alter and not all(topic.created for topic in found):
        set_retention(kafka, events_retention_days, rejected_retention_days, client=security)
        found = ask()
    for topic in found:
        _tell(topic, as_json)


def _tell(topic: Topic, as_json: bool) -> None:
    if as_json:
        facts = {"id": topic.id, "partitions": topic.partitions, "replication": topic.replication}
        found = {"created": topic.created, "differences": topic.differences}
        printing.line({"topic": topic.name, **facts, **found})
        return
    done = "made" if topic.created else "there already"
    partitions = f"{topic.partitions} {noun(topic.partitions, 'partition', 'partitions')}"
    copies = f"{topic.replication} {noun(topic.replication, 'copy', 'copies')}"
    printing.say(f"{topic.name}: {done}, {partitions}, {copies}")
    for difference in topic.differences:
        printing.say(f"  {difference}", err=True)


@click.command()
@options.clickhouse
@options.data_dir
@click.option("--check", is_flag=True, help="Apply nothing: list what is pending; exit 1 if anything is.")
@options.as_json
def migrate(clickhouse: str | None, data_dir: Path, check: bool, as_json: bool) -> int:
    """Bring the tables up to date. Safe to repeat, and to run by several processes at once."""
    if check:
        return tell_pending(_applied(clickhouse, data_dir), as_json)
    if clickhouse is not None:
        with Database(settings.current().clickhouse.url(clickhouse)) as database:
            applied = run_migrations(database)
    else:
        found = service_or_hold(data_dir, "migrate")
        if isinstance(found, Holder):
            raise DataDirectoryError(f"{data_dir} is held by a service, which has done this itself")
        with found, Database(found.path / "clickhouse") as database:
            applied = run_migrations(database)
    if as_json:
        printing.line({"applied": applied})
    else:
        printing.say(
            f"Migrations applied: {', '.join(map(str, applied)) or 'none, the tables are up to date'}"
        )
    return 0


def _applied(clickhouse: str | None, data_dir: Path) -> set[int]:
    """The migrations of a server, of a running service or of its directory; nothing is changed."""
    if clickhouse is not None:
        with Database(settings.current().clickhouse.url(clickhouse)) as database:
            return applied_to(database)
    found = service_or_hold(data_dir, "migrate", only_reads=True)
    if isinstance(found, Holder):
        return set(control_client.ask(data_dir, found, "migrations")["applied"])
    with found, engine_files(found) as folder, Database(folder) as database:
        return applied_to(database)


def tell_pending(applied: set[int], as_json: bool) -> int:
    """Exit code 1 when the tables lack a migration of this program."""
    known = {int(path.name[:4]): path.name for path in files()}
    pending = [name for number, name in known.items() if number not in applied]
    unknown = sorted(applied - known.keys())
    if as_json:
        printing.line({"applied": sorted(applied), "pending": pending, "unknown": unknown})
        return int(bool(pending))
    if pending:
        printing.say(
            f"Pending: {', '.join(pending)}. `emc migrate` applies them, and so does a worker's start."
        )
    else:
        printing.say(f"None pending: the tables have all {len(known)} migrations of this program.")
    if unknown:
        printing.say(
            f"Unknown here: {', '.join(map(str, unknown))}. The tables are of a newer program than this."
        )
    return int(bool(pending))
