"""The forms of the answers about disputes, and of what is sent about them."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from portal.answer_fields import Code, Cursor, Day, Instant
from sinks.disputes.objection import Objecting, Side, Writing
from sinks.disputes.snapshot import Wanted


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


class RateObjection(msgspec.Struct):
    """An objection to a frozen rate, with the agency's own numbers if it gave any."""

    id: str
    status: str
    numerator: int | None
    denominator: int | None
    rate: float | None


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
    objections: list[RateObjection] | UnsetType = UNSET


class FrozenRates(msgspec.Struct):
    """A page of the rates of a snapshot."""

    rates: list[FrozenRate]
    next: Cursor


class Objection(msgspec.Struct):
    """An objection: to a frozen rate, with the agency's own numbers if it gave any, or to a dossier."""

    id: str
    agency: Code
    snapshot: str | None
    metric: str | None
    definition: str | None
    dossier: str | None
    numerator: int | None
    denominator: int | None
    rate: float | None
    made_at: Instant
    status: Literal["open", "accepted", "rejected", "needs_data"]


class Objections(msgspec.Struct):
    """A page of objections, newest first."""

    objections: list[Objection]
    next: Cursor


class Message(msgspec.Struct):
    """Something written about an objection; the first is its reason. `text` empty: it was blotted out."""

    id: str
    at: Instant
    side: Side
    name: str
    decision: Literal["accepted", "rejected", "needs_data"] | None
    text: str
    events: Annotated[list[str], Meta(description="Ids of events that correct what was objected to")]


class Numbers(msgspec.Struct):
    """A rate's counts and value."""

    numerator: int
    denominator: int
    rate: float | None


class Effect(msgspec.Struct):
    """A rate as it was frozen, and as it would be with the agency's numbers; null: it gave none."""

    frozen: Numbers
    would_be: Numbers | None
    agency: Code | UnsetType = UNSET
    group: str | UnsetType = UNSET


class Effects(msgspec.Struct):
    """Of the agency and its groups."""

    rates: list[Effect]


class Correcting(msgspec.Struct):
    """An event that corrects what was objected to; of one that may not be seen only its id is told."""

    id: str
    subject: str | None
    source: str | None
    time: Instant | None
    arrived_at: Instant | None


class ObjectionDetail(Objection):
    """An objection with its thread and what it would change."""

    messages: list[Message]
    effect: Effects | None
    correcting: list[Correcting]


class Difference(msgspec.Struct):
    """A dossier that is not counted alike; `fact` null: only one side has it in the period."""

    set: Literal["differently", "only_theirs", "only_ours"]
    dossier: str
    fact: str | None
    theirs: bool | str | None
    ours: bool | str | None
    reason: Annotated[str | None, Meta(description="The facts that decide here, in words")]


class Counts(msgspec.Struct):
    """Dossiers by set."""

    both: int
    differently: int
    only_theirs: int
    only_ours: int


class TotalCompared(msgspec.Struct):
    """What the agency counts for a rate, and what is counted here; null: there is no such rate."""

    metric: str
    definition: str
    numerator: int
    denominator: int
    our_numerator: int | None
    our_denominator: int | None


class ReconciliationAnswer(msgspec.Struct):
    """A list held against what is counted; of a list of totals `totals` alone says something."""

    agency: Code
    start: Day
    period: str
    day: str
    counts: Counts
    repeated: Annotated[int, Meta(description="Rows whose dossier the list had before: the first counts")]
    by_fact: Annotated[dict[str, int], Meta(description="Dossiers by what differs")]
    differences: list[Difference]
    has_more: Annotated[bool, Meta(description="More than `limit`: format=csv has all")]
    totals: list[TotalCompared]


DISPUTE_ANSWERS = (
    ReconciliationAnswer,
    Wanted,
    Snapshots,
    SnapshotDetail,
    FrozenRates,
    Objecting,
    Writing,
    Objections,
    ObjectionDetail,
)
