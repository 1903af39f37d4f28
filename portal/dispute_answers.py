"""The forms of the answers about disputes, and of what is sent about them."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sinks.disputes.snapshot import Wanted

Code = Annotated[str, Meta(description="Level-1 code of an agency, e.g. H25")]
Day = Annotated[str, Meta(description="YYYY-MM-DD")]
Instant = Annotated[str, Meta(description="RFC 3339, in +07:00")]
Cursor = Annotated[str | None, Meta(description="Goes on where this list ends; null at the end")]


class Snapshot(msgspec.Struct):
    """Rates of one period, frozen: never changed, listed for ever."""

    id: str
    name: str
    period: str
    start: Day
    structure: str
    metric: Annotated[str | None, Meta(description="The only one that it has; null: every one")]
    frozen_at: Instant
    frozen_by: Annotated[str, Meta(description="Name of the token or session that froze it")]


class Snapshots(msgspec.Struct):
    """A page of snapshots, newest first."""

    snapshots: list[Snapshot]
    next: Cursor


class FrozenDefinition(msgspec.Struct):
    """A definition as it was."""

    metric: str
    name: str
    numerator: str
    denominator: str
    day: str


class Position(msgspec.Struct):
    """Up to where a partition of the log was in the tables: events before this offset are in the rates."""

    topic_id: str
    partition: int
    next_offset: int


class SnapshotDetail(Snapshot):
    """A snapshot, with the definitions of then and what was in it."""

    definitions: list[FrozenDefinition]
    positions: list[Position]


class FrozenRate(msgspec.Struct):
    """A rate as it was frozen; exactly one of `agency` and `group` is there."""

    metric: str
    definition: str
    period: str
    start: Day
    numerator: int
    denominator: int
    rate: Annotated[float | None, Meta(description="numerator / denominator, unrounded")]
    coverage: float | None
    as_of: Instant | None
    agency: Code | UnsetType = UNSET
    group: str | UnsetType = UNSET


class FrozenRates(msgspec.Struct):
    """A page of the rates of a snapshot."""

    rates: list[FrozenRate]
    next: Cursor


DISPUTE_ANSWERS = (Wanted, Snapshots, SnapshotDetail, FrozenRates)
