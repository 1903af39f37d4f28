"""`emc objections`: what agencies object to, and what is answered."""

from pathlib import Path

import click

from cli import options, printing
from cli.help import Family
from cli.listing import Column, Listing, listing
from cli.runtime.desks import ask_desk
from cli.runtime.reading import open_reader
from sinks.disputes.objection import DECISIONS, STATUSES

_COLUMNS = (
    Column("id", "Id", key=True),
    Column("agency", "Agency", key=True),
    Column("dossier", "To", lambda each: each["dossier"] or f"{each['metric']}/{each['definition']}"),
    Column("snapshot", "Snapshot"),
    Column("numerator", "Own", lambda each: printing.count(each["numerator"]), number=True),
    Column("denominator", "Of", lambda each: printing.count(each["denominator"]), number=True),
    Column("made_at", "Made"),
    Column("status", "Status"),
)
_THREAD = (
    Column("id", "Id", key=True),
    Column("at", "When", lambda each: printing.moment(each["at"])),
    Column("side", "Side"),
    Column("name", "Name", lambda each: printing.spoken(each["name"])),
    Column("decision", "Decision"),
    Column("text", "What was written"),
    Column("events", "Correcting events"),
)


@click.group(cls=Family)
def objections() -> None:
    """Objections of agencies to frozen rates and to dossiers, made over the API and the pages."""


@objections.command("list")
@click.option("--agency", help="An agency's code: its own alone.")
@click.option("--snapshot", help="A snapshot's identifier: those to its rates.")
@click.option("--status", type=click.Choice(STATUSES), help="Of this status alone.")
@listing
@options.reading
def list_(
    agency: str | None,
    snapshot: str | None,
    status: str | None,
    listing: Listing,
    data_dir: Path,
    api: str | None,
    clickhouse: str | None,
) -> None:
    """All of them, the newest first."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.objections(agency, snapshot, status)
    listing.show(found, _COLUMNS, "Objections", "There is no such objection.")


@objections.command()
@click.argument("id_", metavar="ID")
@listing
@options.reading
def show(id_: str, listing: Listing, data_dir: Path, api: str | None, clickhouse: str | None) -> None:
    """What was written about one; as JSON, also what the rate would be and the events that correct it."""
    with open_reader(data_dir, api, clickhouse) as reader:
        found = reader.objection(id_)
    if listing.form == "json":
        printing.line(found)
        return
    meant = found["dossier"] or f"{found['metric']}/{found['definition']} of snapshot {found['snapshot']}"
    listing.show(found["messages"], _THREAD, f"{found['agency']} objects to {meant}: {found['status']}")


@objections.command()
@click.argument("id_", metavar="ID")
@click.argument("text")
@click.option("--decision", type=click.Choice(DECISIONS), help="Default: none, only something is said.")
@click.option("--event", "events", multiple=True, metavar="EVENT", help="Id of an event that corrects it.")
@options.as_json
@options.clickhouse
@options.data_dir
def answer(
    id_: str,
    text: str,
    decision: str | None,
    events: tuple[str, ...],
    as_json: bool,
    data_dir: Path,
    clickhouse: str | None,
) -> None:
    """Answer one as an operator. No personal data in TEXT: the agency reads it."""
    writing = {"text": text, "decision": decision, "events": list(events)}
    found = ask_desk("objections", {"do": "answer", "id": id_, "writing": writing}, data_dir, clickhouse)
    if as_json:
        printing.line(found)
    else:
        printing.say(f"Objection {found['id']} of {found['agency']} is {found['status']}.")


@objections.command("blot-out")
@click.argument("id_", metavar="ID")
@click.argument("message")
@options.clickhouse
@options.data_dir
def blot_out(id_: str, message: str, data_dir: Path, clickhouse: str | None) -> None:
    """Take the text of a MESSAGE away for good: it held what must not be kept."""
    asked = {"do": "blot-out", "id": id_, "message": message}
    found = ask_desk("objections", asked, data_dir, clickhouse)
    printing.say(f"Message {message} of objection {found['id']} has no text any more; backups may have it.")
