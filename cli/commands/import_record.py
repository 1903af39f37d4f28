"""`emc imports list` and `show`: what imports did and refused."""

from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.help import Family
from cli.listing import Column, Listing, listing
from cli.runtime.reading import open_reader
from emc.translation import noun

_MOST = 1000


_RANKS = {"unchanged": 2, "changed": 1}


def _counted(name: str) -> Column:
    return Column(
        name, name.capitalize(), lambda one: printing.count(one[name]), number=True, rank=_RANKS.get(name, 0)
    )


_COLUMNS = (
    Column("id", "Id", key=True),
    Column("imported_at", "When"),
    Column("agency", "Agency", key=True),
    Column("files", "Files"),
    Column("as_of", "As of", rank=3),
    *(_counted(name) for name in ("rows", "new", "changed", "unchanged", "refused")),
)


@click.group(cls=Family)
def imports() -> None:
    """Imports of files: what each did, and what it refused."""


@imports.command("list")
@click.option("--agency", help="Of one agency.")
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=20, show_default=True, help="At most so many."
)
@listing
@options.reading
def list_(
    agency: str | None,
    limit: int,
    listing: Listing,
    data_dir: Path,
    api: str | None,
    clickhouse: str | None,
) -> None:
    """List the newest imports."""
    with open_reader(data_dir, api, clickhouse) as reader:
        listing.show(reader.imports(agency, limit), _COLUMNS, "Imports", "There are no imports.")


@imports.command()
@click.argument("id_", metavar="ID")
@options.as_json
@options.reading
def show(id_: str, as_json: bool, data_dir: Path, api: str | None, clickhouse: str | None) -> None:
    """Show one import, with every cause of what it refused."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.import_(id_)
    if as_json:
        printing.line(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    printing.say(f"Import {found['id']} of {', '.join(found['files'])} ({found['format']}, {found['kind']})")
    printing.say(f"Reported by {found['source']}, as of {printing.moment(found['as_of'])}")
    printing.say(f"Ended {printing.moment(found['imported_at'])}")
    counts = ((name, found[name]) for name in ("rows", "sent", "refused", "new", "changed", "unchanged"))
    printing.say(", ".join(f"{printing.spoken(name)} {printing.count(number)}" for name, number in counts))
    for cause in found["refusals"]:
        column = f"column {cause['column']}: " if cause["column"] else ""
        examples = "; ".join(cause["examples"])
        more = " …" if cause["rows"] > len(cause["examples"]) else ""
        rows = printing.spoken(f"{printing.count(cause['rows'])} {noun(cause['rows'], 'row', 'rows')}")
        told = f"{printing.spoken(column)}{printing.spoken(cause['reason'])}"
        printing.put(f"{rows}: {told} ({printing.spoken(examples)}{more})")
    if not found["refusals"]:
        printing.say("Nothing was refused.")
