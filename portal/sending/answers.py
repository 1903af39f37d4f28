"""What is answered to a sender: one result for each event, in the order in which they came."""

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from emc.verdicts import Accepted, Rejected

FORBIDDEN_SOURCE = "forbidden_source"


class Result(msgspec.Struct, frozen=True):
    """What becomes of one event. `id` is shown as the list of rejections shows it."""

    index: int
    id: str | None
    status: Literal["accepted", "rejected"]
    reason: str | UnsetType = UNSET
    path: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET


class Sent(msgspec.Struct, frozen=True):
    """The answer to a sender whose events are kept."""

    accepted: int
    rejected: int
    results: list[Result]


def answer_of(results: Sequence[Result]) -> Sent:
    """The answer for results in any order."""
    ordered = sorted(results, key=lambda result: result.index)
    accepted = sum(result.status == "accepted" for result in ordered)
    return Sent(accepted, len(ordered) - accepted, ordered)


def result_of(index: int, verdict: Accepted | Rejected) -> Result:
    """The result of an event that lies in Kafka."""
    if isinstance(verdict, Accepted):
        return Result(index, verdict.id, "accepted")
    return Result(index, verdict.id, "rejected", verdict.reason.value, verdict.path, verdict.detail)


def forbidden(index: int, id_: str | None) -> Result:
    """The result of an event of another agency's source, which is kept nowhere."""
    return Result(index, id_, "rejected", FORBIDDEN_SOURCE, "$.source", "expected the agency of the token")
