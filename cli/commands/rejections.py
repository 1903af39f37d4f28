"""`emc rejections`: what was refused, and why; showing and sending again: `rejection_replay`."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.commands.rejection_replay import replay_, show
from cli.help import Family
from cli.listing import Column, Listing, listing
from cli.runtime.reading import Readings, open_reader
from emc.translation import noun

_PAGE, _GROUPED, _EXAMPLES = 1000, 100_000, 3
_COLUMNS = (
    Column("place", "Place", key=True),
    Column("rejected_at", "Arrived", rank=1),
    Column("agency", "Agency", rank=3),
    Column("subject", "Dossier", key=True),
    Column("source", "Source", rank=2),
    Column("reason", "Reason"),
    Column("path", "Field"),
    Column("detail", "Expected", words=True),
    Column("accepted_at", "Accepted since", rank=1),
    Column("id", "Event id", rank=4),
)
_GROUP_COLUMNS = (
    Column("events", "Events", lambda cause: printing.count(cause["events"]), number=True),
    Column("reason", "Reason"),
    Column("path", "Field"),
    Column("detail", "Expected", words=True),
    Column("rejected_at", "Newest"),
    Column("examples", "As", lambda cause: cause["examples"], key=True),
)


@click.group(cls=Family)
def rejections() -> None:
    """Refused events: none is dropped silently."""


@rejections.command("list")
@click.option("--agency", help="An agency's code; default: all, and those of no known agency.")
@click.option(
    "--limit", type=click.IntRange(1, _PAGE), default=100, show_default=True, help="At most so many."
)
@click.option("--before", metavar="INSTANT", help="Only what arrived strictly earlier, RFC 3339 with offset.")
@click.option("--cursor", help="Only what follows an earlier list: the cursor that it ended with.")
@click.option("--group", is_flag=True, help="By cause, the commonest first, with counts and three examples.")
@listing
@options.reading
def list_(
    agency: str | None,
    limit: int,
    before: str | None,
    cursor: str | None,
    group: bool,
    listing: Listing,
    data_dir: Path,
    api: str | None,
    clickhouse: str | None,
) -> None:
    """List the newest refused events with reason and place; their bytes lie in the topic of rejections only.

    One that was mended and replayed stays in the list, with when it was accepted since.

    The place of each is what `emc rejections show` and `emc rejections replay` take.
    """
    with open_reader(data_dir, api, clickhouse) as reader:
        if group:
            _show_causes(_all(reader, agency, before, cursor), listing, reader)
            return
        page = reader.rejections(agency, limit, before, cursor)
        nothing = "" if page["rejections"] else _nothing(reader)
    rows = page["rejections"]
    rows = [{"place": printing.place(row), **row} for row in rows]
    listing.show(rows, _COLUMNS, "Refused events, newest first", nothing)
    if page["next"] is not None:
        printing.say(f"There are more: --cursor {page['next']}", err=True)


def _all(
    reader: Readings, agency: str | None, before: str | None, cursor: str | None
) -> Iterator[dict[str, Any]]:
    while True:
        page = reader.rejections(agency, _PAGE, before, cursor)
        yield from page["rejections"]
        cursor = page["next"]
        if cursor is None:
            return


def _nothing(reader: Readings) -> str:
    """What is said where nothing was refused: as far as the monitor has read."""
    health = getattr(reader, "health", None)
    lag = health().get("lag") if health is not None else None
    if not lag:
        return "Nothing was refused."
    left = f"{printing.count(lag)} {noun(lag, 'message still waits', 'messages still wait')}"
    return f"Nothing was refused so far; {left}."


def _show_causes(found: Iterator[dict[str, Any]], listing: Listing, reader: Readings) -> None:
    causes = dict[tuple[str, str, str], dict[str, Any]]()
    for each in islice(found, _GROUPED):
        named = {name: each[name] for name in ("reason", "path", "detail", "rejected_at")}
        cause = causes.setdefault(
            (each["reason"], each["path"], each["detail"]), {"events": 0, **named, "examples": []}
        )
        cause["events"] += 1
        if len(cause["examples"]) < _EXAMPLES:
            cause["examples"].append(printing.place(each))
    rows = sorted(causes.values(), key=lambda cause: -cause["events"])
    listing.show(rows, _GROUP_COLUMNS, "Causes, the commonest first", "" if rows else _nothing(reader))
    if next(found, None) is not None:
        printing.say(f"Only the newest {printing.count(_GROUPED)} were looked at.", err=True)


rejections.add_command(show)
rejections.add_command(replay_)
