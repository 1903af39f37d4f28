"""`emc sources`: who reports for whom, in which ways, and when last."""

from pathlib import Path

import click

from cli import options, printing
from cli.runtime.reading import open_reader


@click.command()
@click.option("--agency", help="Of one agency: the one that the events count for.")
@options.as_json
@options.reading
def sources(
    agency: str | None, as_json: bool, data_dir: Path, api: str | None, clickhouse: str | None
) -> None:
    """List the sources: push (tracking messages), sync (records over HTTP), file (imports), or events."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = [one for one in reader.sources() if agency in (None, one["agency"])]
    if as_json:
        for one in found:
            printing.line(one)
        return
    table = printing.table("Sources", "Agency", "Source", "Feeds", "Newest event", "Last arrival")
    for one in found:
        moments = (printing.moment(one[name]) for name in ("last_time", "last_arrival"))
        table.add_row(one["agency"], one["source"], ", ".join(one["feeds"]), *moments)
    printing.console().print(table)
