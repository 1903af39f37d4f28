"""`emc why`: why a rate moved."""

from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.runtime.reading import open_reader
from cli.tables import Table
from sinks.queries.change_query import BY, USUAL_PARTS, USUAL_PERIOD, ChangeQuery
from sinks.queries.rate_query import ALL_PERIODS, COUNTED_FOR

_NUMBERS = ("Before", "After", "Own rate", "Mix", "Together")


@click.command()
@click.option("--metric", required=True, help="Metric of the rate, e.g. data_reuse.")
@click.option("--definition", help="Definition of the metric; default: its default.")
@click.option("--agency", required=True, help="An agency's code, e.g. H25.")
@click.option("--from", "from_", required=True, metavar="DATE", help="First day of the earlier stretch.")
@click.option("--to", required=True, metavar="DATE", help="First day of the later stretch.")
@click.option(
    "--period", default=USUAL_PERIOD, show_default=True, help=f"How long each is: {', '.join(ALL_PERIODS)}."
)
@click.option(
    "--by", type=click.Choice(BY), default=USUAL_PARTS, show_default=True, help="Whose contributions to show."
)
@click.option(
    "--counted-for",
    type=click.Choice(COUNTED_FOR),
    default=COUNTED_FOR[0],
    show_default=True,
    help="settled: the dossiers that the agency settles.",
)
@options.as_json
@options.reading
def why(as_json: bool, data_dir: Path, api: str | None, clickhouse: str | None, **asked: Any) -> None:
    """Split the change of a rate exactly into what each procedure (or unit, source …) contributed.

    Own rate: the part's own rate changed. Mix: its share of all dossiers changed. In percentage points; all
    of them add up to the change. A dossier's source is that of its newest event; entry: the catalogue entry
    of its day; definition: which definitions of the metric have it in their denominators.
    """
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.why(ChangeQuery(**asked))
    if as_json:
        printing.line(found)
        return
    before, after = (_shown(found[name]) for name in ("from", "to"))
    if found["change"] is None:
        printing.say(f"From {before} to {after}: no data in one of them, so there is no change to explain.")
        return
    printing.say(f"From {before} to {after}: {_points(found['change'])} points.")
    part = asked["by"].capitalize()
    table = Table("", (part, "Name", *_NUMBERS), keys=frozenset((part,)), numbers=frozenset(_NUMBERS))
    for each in found["contributions"]:
        if each["change"] or each["rate_effect"] or each["mix_effect"]:
            counts = (f"{above} / {below}" for above, below in (each["before"], each["after"]))
            effects = (_points(each[name]) for name in ("rate_effect", "mix_effect", "change"))
            table.add_row(printing.text(each["part"]), printing.text(each["name"]), *counts, *effects)
    table.show()


def _shown(stretch: dict[str, Any]) -> str:
    return f"{printing.percent(stretch['rate'])} ({stretch['start']})"


def _points(share: float) -> str:
    return printing.decimal(f"{100 * share:+.2f}")
