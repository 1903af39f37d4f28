"""`emc snapshots`: rates as they were when an operator froze them."""

from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.help import Family
from cli.listing import Column, Listing, listing
from cli.runtime.desks import ask_desk
from cli.runtime.reading import open_reader
from sinks.queries.rate_query import ALL_PERIODS

_COLUMNS = (
    Column("id", "Id", key=True),
    Column("name", "Name"),
    Column("period", "Period"),
    Column("start", "Start"),
    Column("structure", "Structure"),
    Column("frozen_at", "Frozen"),
    Column("frozen_by", "By"),
)
_RATE_COLUMNS = (
    Column("metric", "Metric", key=True),
    Column("definition", "Definition", key=True),
    Column("agency", "Whose", lambda each: each.get("agency") or each["group"], key=True),
    Column("numerator", "Counted", lambda each: printing.count(each["numerator"]), number=True),
    Column("denominator", "Of", lambda each: printing.count(each["denominator"]), number=True),
    Column("rate", "Rate", lambda each: printing.percent(each["rate"]), number=True),
)


@click.group(cls=Family)
def snapshots() -> None:
    """Snapshots: frozen rates, which agencies object to and an index is made from."""


@snapshots.command()
@click.argument("name")
@click.option("--start", required=True, metavar="YYYY-MM-DD", help="First day of the period.")
@click.option(
    "--period", default="month", show_default=True, type=click.Choice(ALL_PERIODS), help="Kind of period."
)
@click.option(
    "--structure",
    default="reported",
    show_default=True,
    type=click.Choice(["reported", "current"]),
    help="current: closed agencies in their successors.",
)
@click.option("--metric", help="Of one metric; default: of every one, under every definition.")
@options.as_json
@options.clickhouse
@options.data_dir
def create(
    name: str,
    start: str,
    period: str,
    structure: str,
    metric: str | None,
    as_json: bool,
    data_dir: Path,
    clickhouse: str | None,
) -> None:
    """Freeze the rates of a period as they are now, under a NAME. No personal data: everybody reads it."""
    wanted = {"name": name, "start": start, "period": period, "structure": structure, "metric": metric}
    made = ask_desk("snapshots", {"wanted": wanted}, data_dir, clickhouse)
    if as_json:
        printing.line(made)
    else:
        printing.say(f"Snapshot {made['id']}: {made['period']} of {made['start']}, frozen {_moment(made)}.")


@snapshots.command("list")
@listing
@options.reading
def list_(listing: Listing, data_dir: Path, api: str | None, clickhouse: str | None) -> None:
    """All of them, the newest first."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.snapshots()
    listing.show(found, _COLUMNS, "Snapshots", "There are no snapshots; `emc snapshots create` freezes one.")


@snapshots.command()
@click.argument("id_", metavar="ID")
@click.option("--agency", help="An agency's code: its rates alone.")
@click.option("--metric", help="Of one metric alone.")
@listing
@options.reading
def show(
    id_: str,
    agency: str | None,
    metric: str | None,
    listing: Listing,
    data_dir: Path,
    api: str | None,
    clickhouse: str | None,
) -> None:
    """The rates of one, as they were frozen."""
    with open_reader(data_dir, api, clickhouse) as reader:
        snapshot = reader.snapshot(id_)
        found = reader.frozen(id_, agency, metric)
    title = f"{snapshot['name']}: {snapshot['period']} of {snapshot['start']}, frozen {_moment(snapshot)}"
    listing.show(found, _RATE_COLUMNS, title, "No rate of it was frozen.")


def _moment(snapshot: dict[str, Any]) -> str:
    return printing.moment(snapshot["frozen_at"])
