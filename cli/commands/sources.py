"""`emc sources`: who reports for whom, in which ways, and when last."""

from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.runtime.reading import open_reader
from emc.errors import InputError


@click.command()
@click.option("--agency", help="Of one agency: the one that the events count for.")
@click.option("--by-metric", is_flag=True, help="With --agency: up to when each metric is known, by source.")
@options.as_json
@options.reading
def sources(
    agency: str | None,
    by_metric: bool,
    as_json: bool,
    data_dir: Path,
    api: str | None,
    clickhouse: str | None,
) -> None:
    """List the sources: push (tracking messages), sync (records over HTTP), file (imports), or events."""
    if by_metric and agency is None:
        raise InputError("--by-metric was given without --agency, expected both")
    with open_reader(data_dir, api, clickhouse) as reader:
        if by_metric:
            _show_metrics(reader.metric_times(agency or ""), as_json)
            return
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


def _show_metrics(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        for one in found:
            printing.line(one)
        return
    table = printing.table("Up to when each metric is known", "Metric", "Known up to", "Source", "Its newest")
    for one in found:
        each = [(source["source"], printing.moment(source["as_of"])) for source in one["sources"]]
        names, moments = ("\n".join(column) for column in zip(*each, strict=True)) if each else ("–", "–")
        table.add_row(one["metric"], printing.moment(one["as_of"]), names, moments)
    printing.console().print(table)
