"""`emc token`: who may ask the API, and send to it."""

from pathlib import Path
from typing import Any

import click

from cli import options, printing
from cli.runtime import control_client
from cli.runtime.data_directory import LOCK, Holder, hold, service_or_hold
from emc import settings
from emc.errors import InputError
from emc.registry import load_registry

_COLUMNS = {
    "id": "Id",
    "name": "Name",
    "agency": "Agency",
    "scopes": "Scopes",
    "state": "State",
    "made_at": "Made",
    "expires_at": "Expires",
    "used_at": "Last used",
}


@click.group()
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
    made = _ask(asked, data_dir, clickhouse)
    if as_json:
        printing.line(made)
        return
    whose = f"agency {made['agency']}" if made["agency"] else "an operator"
    click.echo(f"Token {made['id']} of {whose} for {', '.join(made['scopes'])}. It is shown only now:\n")
    click.echo(made["token"])


@token.command("list")
@options.as_json
@options.clickhouse
@options.data_dir
def list_(as_json: bool, data_dir: Path, clickhouse: str | None) -> None:
    """All tokens: whose they are, what for, until when, last used when."""
    found = _ask({"do": "list"}, data_dir, clickhouse)["tokens"]
    if as_json:
        for each in found:
            printing.line(each)
        return
    if not found:
        click.echo("There are no tokens; `emc token create` makes one.")
        return
    table = printing.table("Tokens", *_COLUMNS.values())
    for each in found:
        shown = each | {"scopes": ", ".join(each["scopes"]), "agency": each["agency"] or "operator"}
        for name in ("made_at", "expires_at", "used_at"):
            shown[name] = printing.moment(each[name])
        table.add_row(*(printing.text(shown[name]) for name in _COLUMNS))
    printing.console().print(table)


@token.command()
@click.argument("id_", metavar="ID")
@options.as_json
@options.clickhouse
@options.data_dir
def revoke(id_: str, as_json: bool, data_dir: Path, clickhouse: str | None) -> None:
    """End a token. Within ten seconds it opens nothing anywhere, its sessions neither."""
    ended = _ask({"do": "revoke", "id": id_}, data_dir, clickhouse)
    if as_json:
        printing.line(ended)
    else:
        click.echo(f"Token {ended['id']} ({ended['name']}) is revoked.")


def _ask(asked: dict[str, Any], data_dir: Path, clickhouse: str | None) -> dict[str, Any]:
    """By the service of the data directory when one runs, else in the tables themselves."""
    if clickhouse is not None:
        return _in_tables(settings.current().clickhouse.url(clickhouse), asked)
    begun = (data_dir / LOCK).exists()
    found = service_or_hold(data_dir, "token") if begun else hold(data_dir, "token")
    if isinstance(found, Holder):
        return control_client.ask(data_dir, found, "token", wish=asked)
    with found:
        return _in_tables(found.path / "clickhouse", asked)


def _in_tables(target: str | Path, asked: dict[str, Any]) -> dict[str, Any]:
    # The engine takes a while to load; who asks a running service need not wait for it.
    from cli.runtime.token_desk import TokenDesk
    from sinks.clickhouse.database import Database
    from sinks.clickhouse.migrate import migrate

    with Database(target) as database:
        if isinstance(target, Path):
            migrate(database)
        return TokenDesk(database, load_registry()).serve(asked)
