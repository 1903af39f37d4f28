"""What the judgement of an event ends in: accepted in normal form, or rejected with its reason."""

from enum import StrEnum
from typing import Any, NamedTuple

import msgspec


class Reason(StrEnum):
    """Why an event is rejected; of several, the first in this order is given."""

    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_AGENCY = "unknown_agency"
    AGENCY_MISMATCH = "agency_mismatch"
    FUTURE = "future"


class Fault(NamedTuple):
    """What of an event is not of its form: the reason, where, and the expected form."""

    reason: Reason
    path: str
    detail: str


class Accepted(msgspec.Struct, gc=False):
    """An event in normal form.

    `agency` is the level-1 code it counts for (the Kafka key), `subject` a dossier code, a procedure code
    without suffix, a date or a system's name; `valid_from` a date for a procedure entry, else empty.
    `fields` holds the registers that the event sets (None clears one): instants in microseconds since 1970
    UTC, components as a list of dicts with sorted keys, everything else as in the contract.
    """

    kind: str
    agency: str
    subject: str
    valid_from: str
    time: int
    id: str
    source: str
    fields: dict[str, Any]


class Rejected(msgspec.Struct):
    """Why an event does not count.

    `path` is relative to the event (`$` for the whole of it), `detail` the expected form, never a value.
    `agency` is the source's if registered, else the key's; `id` the event's, as it may be shown, if it has
    the form of one. `subject` is its dossier code, `source` its source, each as it may be shown; empty for
    any other text.
    """

    reason: Reason
    path: str
    detail: str
    agency: str | None = None
    id: str | None = None
    subject: str = ""
    source: str = ""


class Malformed(ValueError):
    """A whole Kafka message that holds no events; the text says the expected form."""
