"""`emc dossiers`: which dossiers a rate is made of."""

from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from cli import options, printing
from cli.runtime.reading import open_reader
from emc.statuses import in_words
from sinks.queries.rate_query import ALL_PERIODS

_PAGE = 500


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
@options.as_json
@options.reading
def dossiers(
    as_json: bool, data_dir: Path, api: str | None, clickhouse: str | None, **parameters: Any
) -> None:
    """List the dossiers of a rate's denominator (for supply: the procedures), each with what decides it."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.dossiers(**parameters)
        if as_json:
            for dossier in found:
                printing.line(dossier)
            return
        number = 0
        console = printing.console()
        # In pages: a table must be held whole, and a rate may be made of millions.
        while page := list(islice(found, _PAGE)):
            console.print(_table(page))
            number += len(page)
    place = "not in the numerator" if parameters["missing"] else "in the denominator"
    printing.say(f"{printing.count(number)} {place}")


def _table(page: list[dict[str, Any]]) -> Table:
    table = printing.table("", *(name.replace("_", " ").capitalize() for name in page[0]))
    for dossier in page:
        table.add_row(*(_shown(name, value) for name, value in dossier.items()))
    return table


def _shown(name: str, value: Any) -> str:
    if name == "in_numerator":
        return "yes" if value else "no"
    if name == "status":
        return in_words(value) or printing.text(value)
    return printing.moment(value) if name.endswith("_at") else printing.text(value)
