"""`emc audit`: everything computed a second way and compared."""

from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.runtime.reading import open_reader
from cli.tables import Table
from emc.translation import noun


@click.command()
@options.as_json
@options.reading
def audit(as_json: bool, data_dir: Path, api: str | None, clickhouse: str | None) -> int:
    """Recompute states from events, cells from states, rates from cells, and compare with the tables.

    Exit code 1 when anything differs, or a row still tells of an erased dossier. Agencies that were being
    written at every try are "unsettled", not different: ask again later.
    """
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.audit()
    if as_json:
        printing.line(found)
    else:
        _show(found)
    return 1 if found["different"] or found["traces"] else 0


def _show(found: dict[str, Any]) -> None:
    """Counts in a sentence, the first differences as a table."""
    checked, agencies = found["checked"], found.get("agencies", 0)
    printing.say(
        f"{printing.count(checked)} {noun(checked, 'row', 'rows')} of "
        f"{agencies} {noun(agencies, 'agency', 'agencies')} compared, "
        f"{printing.count(found['different'])} different, agencies unsettled: {found['unsettled']}."
    )
    if found["erased"]:
        printing.say(
            f"Dossiers that were erased: {found['erased']}; rows that still tell of one: {found['traces']}."
        )
    differences = found.get("differences")
    if differences:
        table = Table("The first differences", list(differences[0]))
        for difference in differences:
            table.add_row(*(printing.text(value) for value in difference.values()))
        table.show()
