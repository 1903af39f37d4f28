"""What a contract vector is, and short ways to write one."""

import json
from typing import Any, NamedTuple

ARRIVED = "2024-06-01T00:00:00Z"
ARRIVED_US = 1_717_200_000 * 1_000_000
TIME = "2024-03-05T08:00:00+07:00"
INSTANTS = ("submitted_at", "received_at", "due_at", "resolved_at", "returned_at")
LEFT_OUT = object()  # as a value: the attribute is absent


class Taken(NamedTuple):
    """Accepted, with these normalised fields; instants as UTC texts with six digits. None: not compared."""

    fields: dict[str, Any] | None = None
    subject: str | None = None
    agency: str | None = None
    valid_from: str | None = None
    time: str | None = None


class Fault(NamedTuple):
    """Refused for this reason at this path; `others` are as right where the contract leaves the choice."""

    reason: str
    path: str
    others: tuple[tuple[str, str], ...] = ()


class Vector(NamedTuple):
    """One Kafka message and what becomes of each event in it (`expected` is a fault alone for the whole)."""

    name: str
    value: bytes | None
    expected: tuple[Taken | Fault, ...] | Fault
    key: bytes | None = b"H25"
    content_type: str | None = None
    attributes: tuple[tuple[str, bytes | None], ...] = ()  # headers `ce_…`
    delegations: tuple[tuple[str, str], ...] = ()  # rows of the registry: source, agency

    @property
    def headers(self) -> list[tuple[str, bytes | None]]:
        """The message's headers."""
        media = [] if self.content_type is None else [("content-type", self.content_type.encode())]
        return [*media, *self.attributes]


def invalid(path: str) -> Fault:
    return Fault("invalid", path)


def event(kind: str, subject: object, data: object, **attributes: object) -> dict[str, Any]:
    """An event of `/agencies/H25`, its attributes replaced or (`LEFT_OUT`) removed."""
    whole = {
        "specversion": "1.0",
        "id": "a-1",
        "source": "/agencies/H25",
        "type": f"vn.emc.{kind}.v1",
        "subject": subject,
        "time": TIME,
        "data": data,
    }
    return {name: value for name, value in (whole | attributes).items() if value is not LEFT_OUT}


def dossier(data: object = None, subject: object = "H25-240305-0007", **attributes: object) -> dict[str, Any]:
    return event("dossier", subject, {} if data is None else data, **attributes)


def procedure(data: object = None, subject: object = "1.010708", **attributes: object) -> dict[str, Any]:
    return event("procedure", subject, {} if data is None else data, **attributes)


def declaration(data: object = None, subject: object = "2024-03-05", **attributes: object) -> dict[str, Any]:
    return event("declaration", subject, {} if data is None else data, **attributes)


def heartbeat(data: object = None, subject: object = "mcdt", **attributes: object) -> dict[str, Any]:
    return event("heartbeat", subject, {} if data is None else data, **attributes)


def raw(value: object) -> bytes:
    """As a sender would write it."""
    return json.dumps(value, ensure_ascii=False).encode()


def one(name: str, whole: dict[str, Any], expected: Taken | Fault, key: bytes | None = b"H25") -> Vector:
    """A message of one event."""
    return Vector(name, raw(whole), (expected,), key)
