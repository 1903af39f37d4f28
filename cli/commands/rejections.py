"""`emc rejections`: what was refused, and why; showing and sending again: `rejection_replay`."""

from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.commands.rejection_replay import replay_, show
from cli.runtime.reading import open_reader

_SHOWN = {
    "rejected_at": "Arrived",
    "agency": "Agency",
    "reason": "Reason",
    "path": "Field",
    "detail": "Expected",
    "id": "Event",
    "partition": "Partition",
    "offset": "Offset",
    "index": "Index",
}


@click.group()
def rejections() -> None:
    """Refused events: none is dropped silently."""


@rejections.command("list")
@click.option("--agency", help="An agency's code; default: all, and those of no known agency.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many."
)
@click.option("--before", metavar="INSTANT", help="Only what arrived strictly earlier, RFC 3339 with offset.")
@click.option("--cursor", help="Only what follows an earlier list: the cursor that it ended with.")
@options.as_json
@options.reading
def list_(
    agency: str | None,
    limit: int,
    before: str | None,
    cursor: str | None,
    as_json: bool,
    data_dir: Path,
    api: str | None,
    clickhouse: str | None,
) -> None:
    """The newest refused events with reason and place; their bytes lie in the topic of rejections only."""
    with open_reader(data_dir, api, clickhouse) as reader:
        page = reader.rejections(agency, limit, before, cursor)
    _print(page["rejections"], as_json)
    if page["next"] is not None:
        printing.say(f"There are more: --cursor {page['next']}", err=True)


def _print(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        for rejection in found:
            printing.line(rejection)
        return
    if not found:
        printing.say("Nothing was refused.")
        return
    table = printing.table("Refused events, newest first", *_SHOWN.values())
    for rejection in found:
        row = {name: printing.text(rejection[name]) for name in _SHOWN}
        row["rejected_at"] = printing.moment(rejection["rejected_at"])
        table.add_row(*row.values())
    printing.console().print(table)


rejections.add_command(show)
rejections.add_command(replay_)
