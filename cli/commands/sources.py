"""`emc sources`: who reports for whom, in which ways, and when last."""

from pathlib import Path

import click

from cli import options, printing
from cli.listing import Column, Listing, listing
from cli.runtime.reading import open_reader
from emc.errors import InputError

_COLUMNS = (
    Column("agency", "Agency", key=True),
    Column("source", "Source", key=True),
    Column("feeds", "Feeds"),
    Column("last_time", "Newest event"),
    Column("last_arrival", "Last arrival"),
)
_METRIC_COLUMNS = (
    Column("metric", "Metric", key=True),
    Column("as_of", "Known up to"),
    Column("sources", "Source", lambda one: [each["source"] for each in one["sources"]] or "–"),
    Column("newest", "Its newest", lambda one: [printing.moment(e["as_of"]) for e in one["sources"]] or "–"),
)


@click.command()
@click.option("--agency", help="Of one agency: the one that the events count for.")
@click.option("--by-metric", is_flag=True, help="With --agency: up to when each metric is known, by source.")
@listing
@options.reading
def sources(
    agency: str | None,
    by_metric: bool,
    listing: Listing,
    data_dir: Path,
    api: str | None,
    clickhouse: str | None,
) -> None:
    """List the sources: push (tracking messages), sync (records over HTTP), file (imports), or events."""
    if by_metric and agency is None:
        raise InputError("--by-metric was given without --agency, expected both")
    with open_reader(data_dir, api, clickhouse) as reader:
        if by_metric:
            known = reader.metric_times(agency or "")
            listing.show(known, _METRIC_COLUMNS, "Up to when each metric is known")
            return
        found = [one for one in reader.sources() if agency in (None, one["agency"])]
    listing.show(found, _COLUMNS, "Sources", "No source was heard of.")
