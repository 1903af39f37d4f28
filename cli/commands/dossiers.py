"""`emc dossiers`: which dossiers a rate is made of."""

from collections.abc import Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.listing import Column, Listing, listing
from cli.runtime.reading import open_reader
from emc.statuses import in_words
from sinks.queries.rate_query import ALL_PERIODS

_KEYS = ("dossier", "procedure", "day")
_RANKS = {"unit": 6, "settled_by": 5, "received_at": 4, "resolved_at": 3, "procedure": 2, "status": 1}


@click.command()
@click.option("--metric", required=True, help="Metric of the rate, e.g. data_reuse.")
@click.option("--definition", help="Definition of the metric; default: its default.")
@click.option("--agency", required=True, help="An agency's code, e.g. H25.")
@click.option("--period", default="month", show_default=True, help=f"One of {', '.join(ALL_PERIODS)}.")
@click.option("--start", required=True, metavar="DATE", help="First day of the period, YYYY-MM-DD.")
@click.option(
    "--counted-for", help="code (default) or settled: by who settles the dossier, where that is said."
)
@click.option("--missing", is_flag=True, help="Only those that are not in the numerator.")
@listing
@options.reading
def dossiers(
    listing: Listing, data_dir: Path, api: str | None, clickhouse: str | None, **parameters: Any
) -> None:
    """List the dossiers of a rate's denominator (for supply: the procedures), each with what decides it."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.dossiers(**parameters)
        first = list(islice(found, 1))
        columns = [_column(name) for name in (first[0] if first else ())]
        number = listing.show(chain(first, found), columns)
    if not listing.is_for_programs:
        place = "not in the numerator" if parameters["missing"] else "in the denominator"
        printing.aside(f"{printing.count(number)} {place}")


def _column(name: str) -> Column:
    heading = name.replace("_", " ").capitalize()
    shown = {"in_numerator": _numerator, "status": _status, "reason": _reason}.get(name)
    return Column(
        name,
        heading,
        shown,
        key=name in _KEYS,
        words=name in ("in_numerator", "status"),
        rank=_RANKS.get(name, 0),
    )


def _numerator(dossier: Mapping[str, Any]) -> str:
    return "yes" if dossier["in_numerator"] else "no"


def _reason(dossier: Mapping[str, Any]) -> str:
    return printing.because(printing.text(dossier["reason"]))


def _status(dossier: Mapping[str, Any]) -> str:
    return in_words(dossier["status"]) or printing.text(dossier["status"])
