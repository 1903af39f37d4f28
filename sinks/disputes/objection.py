"""An objection of an agency: to a rate of a snapshot, or to a dossier; and what is written about it."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from emc.instants import HANOI, format_instant

LONGEST_TEXT = 2000
LARGEST = 1_000_000_000
DECISIONS = ("accepted", "rejected", "needs_data")
STATUSES = ("open", *DECISIONS)
Side = Literal["agency", "operator"]


class Objecting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is objected to: a rate of a snapshot, with the agency's own numbers if it has any, or a dossier.

    `agency`: for whom, where that is not the caller; `definition` None: the metric's first.
    """

    text: str
    agency: str | None = None
    snapshot: str | None = None
    metric: str | None = None
    definition: str | None = None
    dossier: str | None = None
    numerator: int | None = None
    denominator: int | None = None


class Writing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written about an objection; operators alone decide, and name the events that correct it."""

    text: str
    decision: str | None = None
    events: list[str] = []


class Objection(msgspec.Struct, frozen=True):
    """As it is kept: `made_at` in microseconds; empty: the other kind."""

    agency: str
    id: str
    snapshot: str
    metric: str
    definition: str
    dossier: str
    numerator: int | None
    denominator: int | None
    made_at: int

    def told(self, messages: Sequence["Message"]) -> dict[str, Any]:
        """As lists show it."""
        own = self.numerator / self.denominator if self.denominator and self.numerator is not None else None
        return {
            "id": self.id,
            "agency": self.agency,
            "snapshot": self.snapshot or None,
            "metric": self.metric or None,
            "definition": self.definition or None,
            "dossier": self.dossier or None,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "rate": own,
            "made_at": format_instant(self.made_at, HANOI),
            "status": status_of(messages),
        }


class Message(msgspec.Struct, frozen=True):
    """Something written: `at` in microseconds; `decision` empty: none."""

    id: str
    at: int
    side: str
    name: str
    decision: str
    text: str
    events: list[str]

    def told(self) -> dict[str, Any]:
        """As threads show it."""
        return {
            "id": self.id,
            "at": format_instant(self.at, HANOI),
            "side": self.side,
            "name": self.name,
            "decision": self.decision or None,
            "text": self.text,
            "events": self.events,
        }


def status_of(messages: Sequence[Message]) -> str:
    """The last decision; open without one, and once the agency wrote after its data were asked for."""
    status = "open"
    for message in messages:
        if message.decision:
            status = message.decision
        elif status == "needs_data" and message.side == "agency":
            status = "open"
    return status
