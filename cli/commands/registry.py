"""`emc registry`: the agencies, who may report for whom and why, and whether the files are of use."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from cli import options, printing
from cli.help import Family
from cli.listing import Column, Listing, listing
from cli.tables import Table
from emc.agencies import Agency
from emc.agency_search import unregistered
from emc.registry import Registry, load_registry
from emc.registry_files import FILES, file_of

_WHY = {
    "itself": "it reports for itself",
    "successor": "it succeeded the agency",
    "delegation": "a row of delegations.csv names it",
}


@click.group(cls=Family)
def registry() -> None:
    """The agencies and who may report for them: the files in EMC_REGISTRY, or those shipped."""


@registry.command("list")
@listing
def list_(listing: Listing) -> None:
    """Every agency, with its successor and former name; then delegations and tracking sites."""
    known = load_registry()
    if listing.is_for_programs:
        listing.show(list(_rows(known)), AGENCY_COLUMNS)
        return
    listing.show([row for row in _rows(known) if "kind" in row], AGENCY_COLUMNS, "Agencies")
    if known.delegations:
        table = Table("Delegations: who speaks for others", ("Source", "For", "Remark"))
        for delegation in known.delegations:
            table.add_row(delegation.source, delegation.agency, delegation.note)
        table.show()
    if known.sites:
        table = Table("Sites of the tracking format", ("Site", "Agency", "System", "From"))
        for site in known.sites.values():
            table.add_row(site.site_id, site.agency, site.system, " ".join(site.addresses) or "anywhere")
        table.show()


def _formerly(row: Mapping[str, Any]) -> str:
    return f"{row['former_name']} until {row['renamed_on']}" if row["renamed_on"] else printing.text(None)


AGENCY_COLUMNS = (
    Column("agency", "Code", key=True),
    Column("name", "Name"),
    Column("valid_to", "Until"),
    Column("successor", "Successor"),
    Column("former_name", "Formerly", _formerly, words=True),
    Column("note", "Remark"),
)


def agency_row(agency: Agency) -> dict[str, Any]:
    """An agency of the registry, for programs."""
    return {
        "agency": agency.code,
        "name": agency.name,
        "kind": agency.kind,
        "successor": agency.successor,
        "valid_to": agency.valid_to and agency.valid_to.isoformat(),
        "former_name": agency.former_name or None,
        "renamed_on": agency.renamed_on and agency.renamed_on.isoformat(),
        "note": agency.note or None,
    }


def _rows(known: Registry) -> Iterator[dict[str, Any]]:
    yield from map(agency_row, known.agencies.values())
    for delegation in known.delegations:
        yield {"source": delegation.source, "for": delegation.agency, "note": delegation.note}
    for site in known.sites.values():
        yield {"site_id": site.site_id, "agency": site.agency, "system": site.system, "from": site.addresses}


@registry.command()
def check() -> None:
    """Read every file, say where it lies and what of it is odd. Exit 2 if one is of no use."""
    known = load_registry()
    for name in FILES:
        printing.say(f"{name}: {file_of(name)}")
    closed = sum(agency.successor is not None for agency in known.agencies.values())
    printing.say(
        f"agencies: {len(known.agencies)}, of them closed: {closed};"
        f" delegations: {len(known.delegations)}; tracking sites: {len(known.sites)}"
    )
    for remark in _remarks(known):
        printing.say(f"remark: {remark}")


def _remarks(known: Registry) -> Iterator[str]:
    unverified = [agency.code for agency in known.agencies.values() if not agency.code_verified]
    if unverified:
        yield f"codes that were not read in a source: {', '.join(unverified)}"
    for number, delegation in enumerate(known.delegations, start=1):
        if known.agencies[delegation.source[:3]].successor:
            yield f"delegation {number}: {delegation.source} is closed, and its successor is not meant by it"
        if delegation.source == delegation.agency:
            yield f"delegation {number}: {delegation.source} speaks for itself anyway"


@registry.command()
@click.argument("agency")
@click.option("--source", metavar="CODE[/SYSTEM]", help="Only: may this source report for the agency?")
@options.as_json
def explain(agency: str, source: str | None, as_json: bool) -> None:
    """Who may report for AGENCY, and why; exit 1 when the --source asked about may not."""
    known = load_registry()
    if agency not in known:
        raise unregistered("agency", agency, known)
    voices = [each for each in known.voices(agency) if source is None or each.source in (source, source[:3])]
    for each in voices:
        if as_json:
            printing.line({"source": each.source, "for": agency, "why": each.why, "note": each.note})
        else:
            systems = "" if "/" in each.source else ", all its systems"
            note = f": {each.note}" if each.note else ""
            printing.say(f"{each.source}{systems} may report for {agency}: {_WHY[each.why]}{note}")
    if source is not None and not voices:
        printing.say(f"{source} may not report for {agency}: no row of delegations.csv says so", err=True)
        printing.say(f"to let it, add the row {source},{agency},why and start the processes anew", err=True)
        raise click.exceptions.Exit(1)
