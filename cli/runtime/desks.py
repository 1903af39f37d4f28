"""What commands ask and no API offers: of the service of a data directory, else of the tables."""

from pathlib import Path
from typing import Any, Literal

from cli.runtime import control_client
from cli.runtime.data_directory import LOCK, Holder, hold, service_or_hold
from emc import settings
from emc.registry import load_registry

Desk = Literal["token", "incidents", "snapshots", "objections"]


def ask_desk(desk: Desk, asked: dict[str, Any], data_dir: Path, clickhouse: str | None) -> dict[str, Any]:
    """By the service when one runs on the data directory, else in the tables themselves."""
    if clickhouse is not None:
        return _in_tables(desk, settings.current().clickhouse.url(clickhouse), asked)
    begun = (data_dir / LOCK).exists()
    found = service_or_hold(data_dir, desk) if begun else hold(data_dir, desk)
    if isinstance(found, Holder):
        return control_client.ask(data_dir, found, desk, wish=asked)
    with found:
        return _in_tables(desk, found.path / "clickhouse", asked)


def _in_tables(desk: Desk, target: str | Path, asked: dict[str, Any]) -> dict[str, Any]:
    # The engine takes a while to load; who asks a running service need not wait for it.
    from cli.runtime.dispute_desk import ObjectionDesk, SnapshotDesk
    from cli.runtime.incident_desk import IncidentDesk
    from cli.runtime.token_desk import TokenDesk
    from sinks.clickhouse.database import Database
    from sinks.clickhouse.migrate import migrate

    with Database(target) as database:
        if isinstance(target, Path):
            migrate(database)
        desks: dict[Desk, type[TokenDesk] | type[IncidentDesk] | type[SnapshotDesk] | type[ObjectionDesk]] = {
            "token": TokenDesk,
            "incidents": IncidentDesk,
            "snapshots": SnapshotDesk,
            "objections": ObjectionDesk,
        }
        return desks[desk](database, load_registry()).serve(asked)
