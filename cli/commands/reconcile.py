"""`emc reconcile`: an agency's own list held against what is counted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.listing import Column, Listing, listing
from cli.runtime.reading import open_reader
from emc.errors import InputError
from sinks.disputes.reconcile_query import ATTRIBUTIONS, Reconciling
from sinks.queries.rate_query import ALL_PERIODS

_SETS = {
    "differently": "with both, differently",
    "only_theirs": "only in the list",
    "only_ours": "only counted here",
}
"""The sets of the API, in words."""
_COLUMNS = (
    Column("set", "Set", lambda each: printing.spoken(_SETS[each["set"]]), key=True),
    Column("dossier", "Dossier", key=True),
    Column("fact", "Differs in"),
    Column("theirs", "List", lambda each: _value(each["theirs"])),
    Column("ours", "Counted", lambda each: _value(each["ours"])),
    Column("reason", "Why", lambda each: printing.because(printing.text(each["reason"]))),
)
_TOTALS = (
    Column("metric", "Metric", key=True),
    Column("definition", "Definition", key=True),
    Column("numerator", "List", lambda each: _of(each, ""), number=True),
    Column("our_numerator", "Counted", lambda each: _of(each, "our_"), number=True),
)


@click.command
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--agency", required=True, help="An agency's code, e.g. H25.")
@click.option("--start", required=True, metavar="DATE", help="First day of the period, YYYY-MM-DD.")
@click.option(
    "--period", default="month", show_default=True, type=click.Choice(ALL_PERIODS), help="Kind of period."
)
@click.option(
    "--day", default="receipt", show_default=True, type=click.Choice(ATTRIBUTIONS), help="Which day counts."
)
@listing
@options.reading
def reconcile(
    file: Path,
    agency: str,
    start: str,
    period: str,
    day: str,
    listing: Listing,
    data_dir: Path,
    api: str | None,
    clickhouse: str | None,
) -> None:
    """Hold an agency's list of dossiers (CSV) against what counts in a period; nothing is kept.

    FILE has a column dossier and any of the facts that definitions speak of, or metric, numerator and
    denominator for totals alone. Exit code 1 when anything differs.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror})") from None
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.reconciled(Reconciling(agency, start, period, day), content)
    if found["totals"]:
        listing.show(found["totals"], _TOTALS, f"{agency}, {period} of {start}")
        is_alike = all(_of(each, "") == _of(each, "our_") for each in found["totals"])
    else:
        listing.show(found["differences"], _COLUMNS, f"{agency}, {period} of {start}")
        is_alike = not found["differences"]
        printing.say(_summary(found), err=listing.is_for_programs)
    raise click.exceptions.Exit(0 if is_alike else 1)


def _summary(found: dict[str, Any]) -> str:
    counts = found["counts"]
    said = (
        f"{counts['both']} with both, {counts['differently']} counted differently,"
        f" {counts['only_theirs']} only in the list, {counts['only_ours']} only counted here"
    )
    return f"{said}; rows that repeat a dossier: {found['repeated']}." if found["repeated"] else f"{said}."


def _value(value: bool | str | None) -> str:
    return printing.spoken("yes" if value else "no") if isinstance(value, bool) else printing.text(value)


def _of(total: Mapping[str, Any], whose: str) -> str:
    above, below = total[f"{whose}numerator"], total[f"{whose}denominator"]
    return f"{printing.count(above)} / {printing.count(below)}"
