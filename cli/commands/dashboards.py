"""`emc dashboards`: the Grafana dashboards published, compared, or written as files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from cli import options, printing
from cli.help import Family
from dashboards import sources
from dashboards.alerts.thresholds import site_thresholds
from dashboards.catalogue import all_dashboards
from dashboards.export import export as write_files
from dashboards.grafana import Grafana
from dashboards.publisher import Change, Publisher
from emc import settings
from emc.settings.commands import GrafanaPlaces

F = TypeVar("F", bound=Callable[..., Any])
_grafana = options.of(GrafanaPlaces, "grafana", metavar="URL")
_clickhouse = options.of(GrafanaPlaces, "clickhouse", metavar="URL")
_prometheus = options.of(GrafanaPlaces, "prometheus", metavar="URL")


def _target(command: F) -> F:
    return _grafana(_clickhouse(_prometheus(options.as_json(command))))


@click.group("dashboards", cls=Family)
def dashboards() -> None:
    """The Grafana dashboards, in Vietnamese and English."""


@dashboards.command()
@_target
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def publish(
    grafana: str, clickhouse: str | None, prometheus: str | None, as_json: bool, dry_run: bool
) -> None:
    """Bring a Grafana to what the code says. Safe to repeat: what is so is left alone."""
    for change in _changes(grafana, clickhouse, prometheus, dry_run):
        _tell(change, as_json)


@dashboards.command()
@_target
def diff(grafana: str, clickhouse: str | None, prometheus: str | None, as_json: bool) -> int:
    """Show what publishing would change; exit 1 if anything."""
    differs = False
    for change in _changes(grafana, clickhouse, prometheus, dry=True):
        if change.action != "unchanged":
            differs = True
            _tell(change, as_json)
    return int(differs)


@dashboards.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--clickhouse",
    default="http://grafana@clickhouse:8123/emc",
    show_default=True,
    metavar="URL",
    help="ClickHouse as Grafana reaches it.",
)
@click.option(
    "--prometheus",
    default="http://prometheus:9090",
    show_default=True,
    metavar="URL",
    help="Prometheus as Grafana reaches it.",
)
@click.option(
    "--place",
    default="/etc/grafana/emc/dashboards",
    show_default=True,
    help="Where Grafana will see the directory `dashboards`.",
)
def export(directory: Path, clickhouse: str, prometheus: str, place: str) -> None:
    """Write dashboards and provisioning files below DIRECTORY."""
    found = [sources.clickhouse(clickhouse), sources.prometheus(prometheus)]
    thresholds = site_thresholds(settings.current().site.thresholds)
    for path in write_files(directory, found, all_dashboards(True, thresholds), place):
        printing.say(str(path))


def _changes(grafana: str, clickhouse: str | None, prometheus: str | None, dry: bool) -> Iterator[Change]:
    thresholds = site_thresholds(settings.current().site.thresholds)
    publisher = Publisher(Grafana(grafana, settings.current().site.grafana_token()), dry)
    wanted = [sources.clickhouse(clickhouse)] if clickhouse else []
    wanted += [sources.prometheus(prometheus)] if prometheus else []
    publisher.check(wanted)
    return publisher.publish(wanted, all_dashboards(prometheus is not None, thresholds))


def _tell(change: Change, as_json: bool) -> None:
    if as_json:
        printing.line(change._asdict())
        return
    where = f": {', '.join(change.differences)}" if change.differences else ""
    printing.say(f"{change.action:<10}{change.kind} {change.uid} ({change.title}){where}")
