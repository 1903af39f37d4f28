"""`emc warnings`: what is odd, but counted, in what an agency's sources report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.listing import Column, Listing, listing
from cli.runtime.reading import open_reader


@click.command()
@click.option("--agency", required=True, help="Code of the agency in the dossiers' codes, e.g. H25.")
@click.option("--source", help="Of one source only, as it is listed.")
@listing
@options.reading
def warnings(
    agency: str,
    source: str | None,
    listing: Listing,
    data_dir: Path,
    api: str | None,
    clickhouse: str | None,
) -> None:
    """List what is odd in an agency's dossiers, by source, with counts, examples and what it means."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = [one for one in reader.source_warnings(agency) if source in (None, one["source"])]
    listing.show(found, _COLUMNS, empty=f"Nothing is odd in what is reported of {agency}.")


def _warning(one: Mapping[str, Any]) -> str:
    return one["warning"] if one["field"] is None else f"{one['warning']} {one['field']}"


_COLUMNS = (
    Column("source", "Source", key=True),
    Column("warning", "Warning", _warning),
    Column("dossiers", "Dossiers", lambda one: printing.count(one["dossiers"]), number=True),
    Column("examples", "As in", lambda one: one["examples"], key=True),
    Column("means", "It means", words=True),
)
