"""`emc token`: who may ask the API, and send to it."""

from pathlib import Path

import click

from cli import options, printing
from cli.help import Family
from cli.listing import Column, Listing, listing
from cli.runtime.desks import ask_desk
from emc.errors import InputError

_COLUMNS = (
    Column("id", "Id", key=True),
    Column("name", "Name"),
    Column("agency", "Agency", lambda each: each["agency"] or "operator", key=True, words=True),
    Column("scopes", "Scopes", lambda each: each["scopes"]),
    Column("state", "State", words=True),
    Column("made_at", "Made", rank=2),
    Column("expires_at", "Expires"),
    Column("used_at", "Last used", rank=1),
)


@click.group(cls=Family)
def token() -> None:
    """Tokens of agencies and operators for the API. What one may do is said when it is made."""


@token.command()
@click.option("--name", required=True, help="Whose it is or what for; shown in lists.")
@click.option("--agency", help="An agency's code: the token sends for it and reads what is its own.")
@click.option("--operator", is_flag=True, help="A token that stands above all agencies.")
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    metavar="S[,S…]",
    help="events:write, rates:read, dossiers:read, admin (operators).",
)
@click.option("--expires", metavar="90d", help="12h, 90d, 4w from now; default: it does not expire.")
@options.as_json
@options.clickhouse
@options.data_dir
def create(
    name: str,
    agency: str | None,
    operator: bool,
    scopes: tuple[str, ...],
    expires: str | None,
    as_json: bool,
    data_dir: Path,
    clickhouse: str | None,
) -> None:
    """Make a token and print it, this once: it is stored nowhere."""
    if operator == (agency is not None):
        raise InputError("expected either --agency CODE or --operator")
    listed = [scope.strip() for given in scopes for scope in given.split(",")]
    asked = {"do": "create", "name": name, "agency": agency, "scopes": listed, "expires": expires}
    made = ask_desk("token", asked, data_dir, clickhouse)
    if as_json:
        printing.line(made)
        return
    whose = f"agency {made['agency']}" if made["agency"] else "an operator"
    printing.say(f"Token {made['id']} of {whose} for {', '.join(made['scopes'])}. It is shown only now:\n")
    printing.say(made["token"])


@token.command("list")
@listing
@options.clickhouse
@options.data_dir
def list_(listing: Listing, data_dir: Path, clickhouse: str | None) -> None:
    """All tokens: whose they are, what for, until when, last used when."""
    found = ask_desk("token", {"do": "list"}, data_dir, clickhouse)["tokens"]
    listing.show(found, _COLUMNS, "Tokens", "There are no tokens; `emc token create` makes one.")


@token.command()
@click.argument("id_", metavar="ID")
@options.as_json
@options.clickhouse
@options.data_dir
def revoke(id_: str, as_json: bool, data_dir: Path, clickhouse: str | None) -> None:
    """End a token. Within ten seconds it opens nothing anywhere, its sessions neither."""
    ended = ask_desk("token", {"do": "revoke", "id": id_}, data_dir, clickhouse)
    if as_json:
        printing.line(ended)
    else:
        printing.say(f"Token {ended['id']} ({ended['name']}) is revoked.")
