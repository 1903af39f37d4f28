"""`emc agencies`: which code an agency has."""

import click

from cli.commands.registry import AGENCY_COLUMNS, agency_row
from cli.listing import Listing, listing
from emc.agency_search import search
from emc.registry import load_registry


@click.command()
@click.argument("text", required=False, default="")
@listing
def agencies(text: str, listing: Listing) -> int:
    """List the agencies whose code or name holds TEXT, with or without its marks; exit 1 if there is none."""
    found = [agency_row(agency) for agency in search(load_registry(), text)]
    return int(
        not listing.show(found, AGENCY_COLUMNS, "Agencies", f"No agency's code or name holds {text!r}.")
    )
