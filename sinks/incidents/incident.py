"""An incident: whom it concerns, from when, until when, and in one sentence what happened."""

from typing import Any

import msgspec

from emc.disclosure import looks_personal
from emc.errors import InputError
from emc.identifiers import has_control
from emc.instants import DAY, HANOI, SECOND, format_instant, parse_date, parse_instant
from emc.registry import Registry
from sinks.queries.rate_query import registered

LONGEST = 200


class Incident(msgspec.Struct, frozen=True):
    """Instants in microseconds. `agency` None: it concerns all; `to` None: it goes on."""

    id: str
    agency: str | None
    from_: int
    to: int | None
    text: str

    def told(self) -> dict[str, Any]:
        """As answers and commands show it."""
        return {
            "id": self.id,
            "agency": self.agency,
            "from": format_instant(self.from_, HANOI),
            "to": None if self.to is None else format_instant(self.to, HANOI),
            "text": self.text,
        }


def checked(incident: Incident, registry: Registry) -> Incident:
    """The incident, its text trimmed; InputError for what may not be kept."""
    agency, text = incident.agency, incident.text.strip()
    if agency is not None:
        registered(agency, registry)
    if not 1 <= len(text) <= LONGEST or has_control(text):
        raise InputError(f"text is not usable, expected 1 to {LONGEST} characters without control characters")
    if looks_personal(text):
        raise InputError("text has a number of 9 or 12 digits, expected no number that may be a person's")
    if incident.to is not None and incident.to < incident.from_:
        raise InputError("to is before from, expected from and to in their order")
    return msgspec.structs.replace(incident, text=text)


def moment_of(name: str, text: str, *, is_end: bool = False) -> int:
    """An instant, or a date: its first moment, as an end its last second."""
    try:
        if len(text) > len("2024-03-05"):
            return parse_instant(text)
        parse_date(text)
        midnight = parse_instant(f"{text}T00:00:00+07:00")
    except ValueError:
        raise InputError(f"{name} is {text!r}, expected a date, or RFC 3339 with offset") from None
    return midnight + DAY - SECOND if is_end else midnight
