"""`emc warnings`: what is odd, but counted, in what an agency's sources report."""

from pathlib import Path

import click

from cli import options, printing
from cli.runtime.reading import open_reader


@click.command()
@click.option("--agency", required=True, help="Code of the agency in the dossiers' codes, e.g. H25.")
@click.option("--source", help="Of one source only, as it is listed.")
@options.as_json
@options.reading
def warnings(
    agency: str, source: str | None, as_json: bool, data_dir: Path, api: str | None, clickhouse: str | None
) -> None:
    """List what is odd in an agency's dossiers, by source, with counts, examples and what it means."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = [one for one in reader.source_warnings(agency) if source in (None, one["source"])]
    if as_json:
        for one in found:
            printing.line(one)
        return
    if not found:
        printing.say(f"Nothing is odd in what is reported of {agency}.")
        return
    table = printing.table(
        "", "Source", "Warning", "Dossiers", "As in", "It means", numbers=frozenset(("Dossiers",))
    )
    for one in found:
        warning = one["warning"] if one["field"] is None else f"{one['warning']} {one['field']}"
        examples = "\n".join(one["examples"])
        table.add_row(one["source"], warning, printing.count(one["dossiers"]), examples, one["means"])
    printing.console().print(table)
