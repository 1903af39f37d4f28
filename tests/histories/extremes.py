"""Events at the very bounds of the contract: valid, and so never allowed to stop anything."""

from random import Random
from typing import Any

from tests.histories.events import Event, event
from tests.histories.values import Agency

LONGEST = "😀" * 200
FIRST, LAST = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
EVERY_COMPONENT: list[Event] = [
    {"code": LONGEST, "digitised": True, "reused": True, "reuse_source": "z" * 64} for _ in range(200)
]
INSTANTS = ("submitted_at", "received_at", "due_at", "resolved_at", "returned_at")


def extreme_events(random: Random, agency: Agency) -> list[Event]:
    """Greatest numbers, longest texts, first and last days; no event has any other in common."""
    longest = f"{agency.code}.{'Z' * 31}"
    dossiers: list[tuple[str, Event]] = [
        (f"{longest}-000101-{'9' * 12}", dict.fromkeys(INSTANTS, FIRST)),
        (f"{longest}-991231-{'9' * 12}", dict.fromkeys(INSTANTS, LAST)),
        (f"999.99.99.{agency.code}-991231-0000", {"received_at": LAST, "resolved_at": FIRST, "status": 10}),
        (
            f"{agency.code}-240229-0000",
            {"components": EVERY_COMPONENT, "unit": longest, "received_at": FIRST},
        ),
        (f"{agency.code}-240229-00000", {}),
    ]
    days = ("2000-01-01", "2100-01-01")
    most: Any = {"received": 10**9, "resolved": 10**9}
    entries = [
        ("9.999999", {"valid_from": day, "name": LONGEST * 2 + "x" * 100})
        for day in ("1970-01-01", "2100-01-01")
    ]
    events = [event(random, agency, "dossier", code, data) for code, data in dossiers]
    events += [event(random, agency, "declaration", day, most) for day in days]
    events += [event(random, agency, "procedure", code, data) for code, data in entries]
    events += [event(random, agency, "heartbeat", "S" * 64, {})]
    for each in events:
        each["id"] = "😀" * 128
    return events


def century_events(random: Random, agency: Agency) -> list[Event]:
    """A dossier for every month of a century: more partitions than the engine takes in one insert."""
    return [
        event(
            random,
            agency,
            "dossier",
            f"{agency.code}-{year:02d}{month:02d}15-1000",
            {"received_at": f"20{year:02d}-{month:02d}-15T12:00:00+07:00", "channel": "online"},
        )
        for year in range(100)
        for month in range(1, 13)
    ]
