"""Freezing rates: they are read at one moment, written, and listed once they are all there."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from emc.errors import InputError
from emc.instants import day_number, now_us
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.disputes.snapshot import LONGEST_NAME, Snapshot, Wanted
from sinks.disputes.texts import checked_text
from sinks.queries.rate_query import RateQuery, Selection, select
from sinks.queries.rates import Counts, Place, as_of_times, summed
from sinks.queries.stored_rates import stored_rates

_TRIES = 5
Positions = list[tuple[str, int, int]]
Read = tuple[Positions, Mapping[Place, Counts], Mapping[str, int]]


def freeze(database: Database, registry: Registry, wanted: Wanted, by: str) -> Snapshot:
    """Keeps the rates of a period as they are now. InputError for a period without any, and a name or
    parameter that is none.
    """
    name = checked_text("name", wanted.name, LONGEST_NAME)
    asked = RateQuery(
        metric=wanted.metric, period=wanted.period, start=wanted.start, structure=wanted.structure
    )
    selection = select(asked, registry)
    positions, sums, times = _read(database, registry, selection)
    if not sums:
        raise InputError(f"there is no rate of the {wanted.period} of {wanted.start}, expected one that has")
    now = now_us()
    snapshot = Snapshot(
        secrets.token_hex(6),
        name,
        selection.period,
        day_number(selection.first),
        selection.structure,
        wanted.metric or "",
        now,
        by,
        msgspec.json.encode(selection.definitions).decode(),
        msgspec.json.encode(positions).decode(),
    )
    database.insert("snapshot_rates", _columns(snapshot, selection, sums, times))
    header: dict[str, list[Any]] = {
        field: [value] for field, value in msgspec.structs.asdict(snapshot).items()
    }
    database.insert("snapshots", header | {"version": [now]})
    return snapshot


def _read(database: Database, registry: Registry, selection: Selection) -> Read:
    """Rates with what tells of their moment, read again when a batch was written meanwhile.

    Under a load that never rests the last reading stands: the rates then hold what the positions tell of,
    and may hold a batch more.
    """
    for _ in range(_TRIES):
        positions = _positions(database)
        times = as_of_times(database, registry, selection.structure)
        sums = summed(stored_rates(database, selection), registry, selection)
        if positions == _positions(database):
            break
    return positions, sums, times


def _positions(database: Database) -> Positions:
    found = database.query(
        "SELECT topic_id, partition, max(next_offset) FROM commits FINAL GROUP BY topic_id, partition"
        " ORDER BY topic_id, partition"
    )
    return [(topic, partition, offset) for topic, partition, offset in found]


def _columns(
    snapshot: Snapshot, selection: Selection, sums: Mapping[Place, Counts], times: Mapping[str, int]
) -> dict[str, list[Any]]:
    definitions = [selection.definitions[place.definition] for place in sums]
    columns: dict[str, list[Any]] = {
        "agency": ["" if place.is_group else place.whose for place in sums],
        "agency_group": [place.whose if place.is_group else "" for place in sums],
        "metric": [definition.metric for definition in definitions],
        "definition": [definition.name for definition in definitions],
        "as_of": [times.get(place.whose) for place in sums],
    }
    for n, name in enumerate(("numerator", "denominator", "counted", "declared")):
        columns[name] = [counts[n] for counts in sums.values()]
    columns |= {"snapshot": [snapshot.id] * len(sums), "version": [snapshot.frozen_at] * len(sums)}
    return columns
