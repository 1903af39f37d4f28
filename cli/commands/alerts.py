"""`emc alerts`: Prometheus' rules and Alertmanager's routing, written from a thresholds file."""

import re
from pathlib import Path

import click

from cli import printing
from cli.help import Family
from dashboards.alerts.files import deployed_files, write_files
from dashboards.alerts.prometheus import Places
from dashboards.alerts.thresholds import VARIABLE, site_thresholds
from emc import settings
from emc.errors import InputError

_PLACE = re.compile(r"(?:http://)?([^/\s:]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})/?").fullmatch
_PLACE_HELP = "host:port of {}; may be repeated."


@click.group("alerts", cls=Family)
def alerts() -> None:
    """The alert rules of Prometheus, their tests, and Alertmanager's routing."""


@alerts.command(
    help=f"""Write them below DIRECTORY from the thresholds file that {VARIABLE} names, or the one shipped.

    With --target, prometheus.yml is for services on machines, else for the containers of Compose.
    """
)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--target", "targets", multiple=True, help=_PLACE_HELP.format("`emc up` or `emc api`"))
@click.option("--worker", "workers", multiple=True, help=_PLACE_HELP.format("`emc worker`"))
@click.option(
    "--alertmanager", default="127.0.0.1:9093", show_default=True, help="host:port of Alertmanager."
)
@click.option("--token-file", help="File with the token of EMC_METRICS_TOKEN_FILE, as Prometheus sees it.")
def export(
    directory: Path,
    targets: tuple[str, ...],
    workers: tuple[str, ...],
    alertmanager: str,
    token_file: str | None,
) -> None:
    """Prints each file that was written; what is so already is left alone."""
    thresholds = site_thresholds(settings.current().site.thresholds)
    places = None
    if workers and not targets:
        raise InputError("--worker is given without --target, expected host:port of the API too")
    if targets:
        api, worker = (tuple(map(_place, given)) for given in (targets, workers))
        places = Places(api, worker, _place(alertmanager), token_file)
    written = write_files(deployed_files(thresholds, places), directory)
    for name in written:
        printing.say(str(directory / name))
    if not written:
        printing.say(f"Nothing was written: all files below {directory} are so already.", err=True)


def _place(text: str) -> str:
    """A place as Prometheus wants it; `emc up` prints addresses as URLs."""
    found = _PLACE(text)
    if found is None or int(found[2]) > 65_535:
        raise InputError(f"{text!r} is no address of a service, expected host:port, as 127.0.0.1:8000")
    return f"{found[1]}:{found[2]}"
