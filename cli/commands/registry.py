"""`emc registry`: the agencies, who may report for whom and why, and whether the files are of use."""

from collections.abc import Iterator
from typing import Any

import click

from cli import options, printing
from emc.agencies import Agency
from emc.errors import InputError
from emc.registry import Registry, load_registry
from emc.registry_files import FILES, file_of

_WHY = {
    "itself": "it reports for itself",
    "successor": "it succeeded the agency",
    "delegation": "a row of delegations.csv names it",
}


@click.group()
def registry() -> None:
    """The agencies and who may report for them: the files in EMC_REGISTRY, or those shipped."""


@registry.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """Every agency, with its successor and former name; then delegations and tracking sites."""
    known = load_registry()
    if as_json:
        for row in _rows(known):
            printing.line(row)
        return
    console = printing.console()
    table = printing.table("Agencies", "Code", "Name", "Until", "Successor", "Formerly", "Remark")
    for agency in known.agencies.values():
        until, successor = printing.text(agency.valid_to), printing.text(agency.successor)
        table.add_row(agency.code, agency.name, until, successor, _formerly(agency), agency.note)
    console.print(table)
    if known.delegations:
        table = printing.table("Delegations: who speaks for others", "Source", "For", "Remark")
        for delegation in known.delegations:
            table.add_row(delegation.source, delegation.agency, delegation.note)
        console.print(table)
    if known.sites:
        table = printing.table("Sites of the tracking format", "Site", "Agency", "System", "From")
        for site in known.sites.values():
            table.add_row(site.site_id, site.agency, site.system, " ".join(site.addresses) or "anywhere")
        console.print(table)


def _formerly(agency: Agency) -> str:
    return f"{agency.former_name} until {agency.renamed_on}" if agency.renamed_on else ""


def _rows(known: Registry) -> Iterator[dict[str, Any]]:
    for agency in known.agencies.values():
        yield {
            "agency": agency.code,
            "name": agency.name,
            "kind": agency.kind,
            "successor": agency.successor,
            "valid_to": agency.valid_to and agency.valid_to.isoformat(),
            "former_name": agency.former_name or None,
            "renamed_on": agency.renamed_on and agency.renamed_on.isoformat(),
        }
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
        f"{len(known.agencies)} agencies, {closed} of them closed;"
        f" {len(known.delegations)} delegations; {len(known.sites)} tracking sites"
    )
    for remark in _remarks(known):
        printing.say(f"remark: {remark}")


def _remarks(known: Registry) -> Iterator[str]:
    unverified = [agency.code for agency in known.agencies.values() if not agency.code_verified]
    if unverified:
        yield f"{len(unverified)} codes were not read in a source: {', '.join(unverified)}"
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
        raise InputError(f"agency is {agency!r}, expected a code of the agency registry")
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
