"""`emc definitions`: what each rate counts."""

from collections.abc import Mapping
from typing import Any

import click
import msgspec

from cli import printing
from cli.listing import Column, Listing, listing
from emc.definitions import DEFINITIONS, METRICS
from emc.translation import Language
from sinks.queries.rate_query import one_of


def _meaning(row: Mapping[str, Any]) -> str:
    return str(row["vi" if printing.language() is Language.VI else "en"])


_COLUMNS = (
    Column("metric", "Metric", key=True),
    Column("name", "Definition", key=True),
    Column("day", "Day", words=True),
    Column("status", "Status", words=True),
    Column("meaning", "It counts", _meaning),
)


@click.command()
@click.argument("metric", required=False)
@listing
def definitions(metric: str | None, listing: Listing) -> None:
    """List the definitions of all rates, or of METRIC; the first of each metric is its default."""
    if metric is not None:
        one_of("metric", metric, tuple(METRICS))
    found = [msgspec.structs.asdict(each) for each in DEFINITIONS if metric in (None, each.metric)]
    listing.show(found, _COLUMNS, "Definitions")
