"""The forms of the answers: the OpenAPI description is made of these, and tests hold answers to it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from portal.answer_fields import Code, Cursor, Day, Instant
from portal.dispute_answers import DISPUTE_ANSWERS
from portal.import_answers import IMPORT_ANSWERS
from portal.sending.answers import Sent

__all__ = ["ANSWERS", "Sent"]


class Error(msgspec.Struct):
    """What is wrong, in one sentence, and its reason for programs."""

    error: str
    reason: str


class Rate(msgspec.Struct):
    """One rate; exactly one of `agency` and `group` is there."""

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
    no_catalogue: Annotated[
        bool | UnsetType,
        Meta(description="true: most of its dossiers have no catalogue entry, which it hangs on"),
    ] = UNSET


class Incident(msgspec.Struct):
    """What happened outside of the numbers and explains them; `to` null: it goes on."""

    id: str
    agency: Annotated[Code | None, Meta(description="null: it concerns all")]
    from_: Instant = msgspec.field(name="from")
    to: Instant | None
    text: str


class Incidents(msgspec.Struct):
    """A page of incidents, newest first."""

    incidents: list[Incident]
    next: Cursor


class Rates(msgspec.Struct):
    """Rates; `next` is there when more follow, `incidents` when any touches one of them."""

    rates: list[Rate]
    incidents: list[Incident] | UnsetType = UNSET
    next: str | UnsetType = UNSET


class Rejection(msgspec.Struct):
    """One refused event; its bytes are in no answer."""

    reason: str
    path: str
    detail: str
    agency: Code | None
    id: str | None
    subject: Annotated[str | None, Meta(description="Dossier code, if it was one")]
    source: Annotated[str | None, Meta(description="CloudEvents source, if it was one")]
    partition: int
    offset: int
    index: int
    rejected_at: Instant
    accepted_at: Annotated[
        Instant | None, Meta(description="When the same event was accepted since, as after a replay")
    ]


class Rejections(msgspec.Struct):
    """A page of refused events, newest first."""

    rejections: list[Rejection]
    next: Cursor


class Dossiers(msgspec.Struct):
    """A page of the dossiers (supply: procedures) of a rate."""

    dossiers: list[dict[str, Any]]
    next: Cursor


class OddFact(msgspec.Struct):
    """One odd but countable fact of a dossier."""

    agency: Code
    dossier: str
    warning: str


class Warnings(msgspec.Struct):
    """A page of warnings."""

    warnings: list[OddFact]
    next: Cursor


class Source(msgspec.Struct):
    """When a source was last seen."""

    agency: Code
    source: str
    last_time: Instant
    last_arrival: Instant
    feeds: Annotated[list[str], Meta(description="How it reports: push, sync, file, or else events")]


class Sources(msgspec.Struct):
    """A page of sources."""

    sources: list[Source]
    next: Cursor


class SourceTime(msgspec.Struct):
    """The newest event of a source that says anything a metric is counted from."""

    source: str
    as_of: Instant


class MetricTime(msgspec.Struct):
    """Up to when a metric is known of an agency, and by which of its sources."""

    metric: str
    as_of: Instant | None
    sources: list[SourceTime]


class MetricTimes(msgspec.Struct):
    """Up to when each metric is known of an agency."""

    metrics: list[MetricTime]
    next: Cursor


class Definitions(msgspec.Struct):
    """Every definition, with status, source and wording."""

    definitions: list[dict[str, Any]]
    next: Cursor


class Agencies(msgspec.Struct):
    """The agency registry."""

    agencies: list[dict[str, Any]]
    next: Cursor


class Explanation(msgspec.Struct):
    """One dossier explained."""

    dossier: str
    agency: Code
    settler: Code
    events: list[dict[str, Any]]
    state: dict[str, Any]
    counted: dict[str, Any]
    definitions: list[dict[str, Any]]
    waiting: list[dict[str, Any]]
    lateness: dict[str, Any]
    warnings: list[str]
    refused: list[Rejection]


class Change(msgspec.Struct):
    """The change of a rate: `contributions` of its parts add up to `change`, exactly so in `exact`."""

    metric: str
    definition: str
    agency: Code
    period: str
    by: str
    counted_for: str
    from_: dict[str, Any] = msgspec.field(name="from")
    to: dict[str, Any]
    change: Annotated[float | None, Meta(description="null when one of the stretches has no dossier")]
    contributions: list[dict[str, Any]]


class Audit(msgspec.Struct):
    """What an audit found."""

    checked: int
    different: int
    unsettled: int
    erased: int
    traces: int


class HealthAnswer(msgspec.Struct):
    """Whether the service is well. Without a token there is no more than this."""

    status: Literal["ok", "degraded", "down"]
    lag: int | None


class Access(msgspec.Struct):
    """Something that the record of access keeps."""

    at: Instant
    what: str
    agency: Code | None
    token: str
    name: str
    route: str
    reason: str
    times: int


class AccessRecord(msgspec.Struct):
    """A page of the record of access, newest first."""

    access: list[Access]
    next: Cursor


ANSWERS = (
    *(Change, Incident, Incidents, SourceTime, MetricTime, MetricTimes),
    *(Error, Rates, Rejections, Dossiers, Warnings, Sources, Definitions, Agencies),
    *(Explanation, Audit, HealthAnswer, AccessRecord, Sent),
    *IMPORT_ANSWERS,
    *DISPUTE_ANSWERS,
)
