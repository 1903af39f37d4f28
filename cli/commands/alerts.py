"""`emc alerts`: Prometheus' rules and Alertmanager's routing, written from a thresholds file."""

from pathlib import Path

import click

from dashboards.alerts.files import deployed_files, write_files
from dashboards.alerts.thresholds import VARIABLE, site_thresholds
from emc import settings


@click.group("alerts")
def alerts() -> None:
    """The alert rules of Prometheus, their tests, and Alertmanager's routing."""


@alerts.command(
    help=f"Write them below DIRECTORY from the thresholds file that {VARIABLE} names, or the one shipped."
)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def export(directory: Path) -> None:
    """Prints each file that was written; what is so already is left alone."""
    for name in write_files(deployed_files(site_thresholds(settings.current().site.thresholds)), directory):
        click.echo(str(directory / name))
