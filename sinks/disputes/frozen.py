"""Snapshots and their rates, as they are read."""

from typing import Any

from emc.definitions import DEFINITIONS
from emc.errors import InputError
from emc.instants import HANOI, date_of_day, format_instant
from emc.registry import GROUPS
from sinks.clickhouse.database import Database
from sinks.disputes.snapshot import Snapshot
from sinks.queries.rates import share

_NUMBER = {(found.metric, found.name): n for n, found in enumerate(DEFINITIONS)}
_COLUMNS = "id, name, period, start, structure, metric, frozen_at, frozen_by, definitions, positions"


def read_snapshots(database: Database) -> list[Snapshot]:
    """All there are, the newest first."""
    rows = database.query(f"SELECT {_COLUMNS} FROM snapshots FINAL ORDER BY frozen_at DESC, id")
    return [Snapshot(*row) for row in rows]


def read_snapshot(database: Database, id_: str) -> Snapshot:
    """One of them; InputError when there is none of that id."""
    rows = database.query(f"SELECT {_COLUMNS} FROM snapshots FINAL WHERE id = {{id:String}}", {"id": id_})
    if not rows:
        raise InputError("there is no snapshot of that id; `emc snapshots list` shows them")
    return Snapshot(*rows[0])


def read_frozen(
    database: Database, snapshot: Snapshot, agency: str | None = None, metric: str | None = None
) -> list[dict[str, Any]]:
    """The rates of a snapshot that the database shows, in the form and order of rates.

    `agency`: its own and no group's; `metric`: of one alone.
    """
    rows = database.query(
        """
        SELECT metric, definition, agency, agency_group, numerator, denominator, counted, declared, as_of
        FROM snapshot_rates FINAL
        WHERE snapshot = {snapshot:String} AND ({agency:String} = '' OR agency = {agency:String})
            AND ({metric:String} = '' OR metric = {metric:String})
        """,
        {"snapshot": snapshot.id, "agency": agency or "", "metric": metric or ""},
    )
    return sorted((_shown(snapshot, row) for row in rows), key=_place)


def _shown(snapshot: Snapshot, row: tuple[Any, ...]) -> dict[str, Any]:
    metric, definition, agency, group, numerator, denominator, counted, declared, as_of = row
    return {
        "metric": metric,
        "definition": definition,
        "agency" if agency else "group": agency or group,
        "period": snapshot.period,
        "start": date_of_day(snapshot.start).isoformat(),
        "numerator": numerator,
        "denominator": denominator,
        "rate": share(numerator, denominator),
        "coverage": share(counted, declared),
        "as_of": format_instant(as_of, HANOI) if as_of else None,
    }


def _place(rate: dict[str, Any]) -> tuple[Any, ...]:
    """A definition that is no more stands behind those that are."""
    named = rate["metric"], rate["definition"]
    whose = GROUPS.index(rate["group"]) if "group" in rate else rate["agency"]
    return _NUMBER.get(named, len(_NUMBER)), *named, "group" in rate, whose
