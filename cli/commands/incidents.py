"""`emc incidents`: what happened outside of the numbers and explains them."""

from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.help import Family
from cli.listing import Column, Listing, listing
from cli.runtime.desks import ask_desk
from cli.runtime.reading import open_reader

_ALL = "all"
_COLUMNS = (
    Column("id", "Id", key=True),
    Column("agency", "Agency", lambda each: each["agency"] or _ALL, key=True),
    Column("from", "From", lambda each: printing.moment(each["from"])),
    Column("to", "To", lambda each: printing.moment(each["to"]) if each["to"] else "goes on", words=True),
    Column("text", "What happened"),
)


@click.group(cls=Family)
def incidents() -> None:
    """Incidents, such as an outage of a system: marked on every chart, told with every export."""


@incidents.command()
@click.argument("text")
@click.option("--agency", required=True, help="An agency's code, or `all` for one that concerns everybody.")
@click.option("--from", "from_", required=True, metavar="WHEN", help="YYYY-MM-DD, or RFC 3339 with offset.")
@click.option("--to", metavar="WHEN", help="Its end, a day being whole; default: it goes on.")
@options.as_json
@options.clickhouse
@options.data_dir
def add(
    text: str,
    agency: str,
    from_: str,
    to: str | None,
    as_json: bool,
    data_dir: Path,
    clickhouse: str | None,
) -> None:
    """Add one: TEXT says in a sentence what happened. No personal data: whoever sees the rates reads it."""
    asked = {
        "do": "add",
        "agency": None if agency == _ALL else agency,
        "from": from_,
        "to": to,
        "text": text,
    }
    _told(ask_desk("incidents", asked, data_dir, clickhouse), as_json, "is marked")


@incidents.command("list")
@click.option("--agency", help="An agency's code: its own, and those that concern all.")
@listing
@options.reading
def list_(
    agency: str | None, listing: Listing, data_dir: Path, api: str | None, clickhouse: str | None
) -> None:
    """All of them, the newest first."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.incidents(agency)
    listing.show(found, _COLUMNS, "Incidents", "There are no incidents; `emc incidents add` enters one.")


@incidents.command()
@click.argument("id_", metavar="ID")
@click.option("--at", metavar="WHEN", help="YYYY-MM-DD, or RFC 3339 with offset; default: now.")
@options.as_json
@options.clickhouse
@options.data_dir
def end(id_: str, at: str | None, as_json: bool, data_dir: Path, clickhouse: str | None) -> None:
    """End one that goes on."""
    asked = {"do": "end", "id": id_, "at": at}
    _told(ask_desk("incidents", asked, data_dir, clickhouse), as_json, "has ended")


@incidents.command()
@click.argument("id_", metavar="ID")
@options.as_json
@options.clickhouse
@options.data_dir
def remove(id_: str, as_json: bool, data_dir: Path, clickhouse: str | None) -> None:
    """Take one back that was entered by mistake."""
    _told(ask_desk("incidents", {"do": "remove", "id": id_}, data_dir, clickhouse), as_json, "is taken back")


def remark(found: list[dict[str, Any]]) -> None:
    """Tells on stderr of the incidents that touch what is printed."""
    for each in found:
        until = f"to {printing.moment(each['to'])}" if each["to"] else "on"
        when = f"from {printing.moment(each['from'])} {until}"
        printing.say(f"emc: incident of {each['agency'] or _ALL}, {when}: {each['text']}", err=True)


def _told(incident: dict[str, Any], as_json: bool, what: str) -> None:
    if as_json:
        printing.line(incident)
    else:
        printing.say(f"Incident {incident['id']} of {incident['agency'] or _ALL} {what}.")
