"""Valid events of one agency: dossiers, catalogue entries, declarations, heartbeats."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.histories.values import (
    Agency,
    some_components,
    some_day,
    some_dossier,
    some_instant,
    some_procedure,
    some_unit,
    written,
)

Event = dict[str, Any]
Draw = Callable[[Random, Agency], Any]
# few moments and few ids, so that equal times and full ties happen; the ids differ in UTF-8 and UTF-16 order
MOMENTS = tuple(datetime(2025, 8, 1, tzinfo=UTC) + timedelta(hours=n, microseconds=n % 3) for n in range(12))
SETTLERS = ("H26", "G12", "H25", "H61")  # the last one reports nothing itself
IDS = ("a", "A", "b", "10", "9", "\uffee", "😀", "ă")


def instants(random: Random, agency: Agency) -> str:
    return written(random, some_instant(random, agency))


def flags(random: Random, agency: Agency) -> bool:
    return random.random() < 0.6


DOSSIER: dict[str, Draw] = {
    "procedure": lambda random, agency: some_procedure(random),
    "unit": lambda random, agency: some_unit(random, agency.code),
    "channel": lambda random, agency: random.choice(("online", "online", "direct", "postal")),
    "status": lambda random, agency: random.randrange(1, 11),
    "submitted_at": instants,
    "received_at": instants,
    "due_at": instants,
    "resolved_at": instants,
    "returned_at": instants,
    "electronic_result": flags,
    "result_signed": flags,
    "components": lambda random, agency: some_components(random),
    "identified": flags,
    "fee_due": flags,
    "paid_online": flags,
    "removed": lambda random, agency: random.random() < 0.3,
    "settled_by": lambda random, agency: some_unit(random, random.choice((agency.code, *SETTLERS))),
    "claimed_level": lambda random, agency: random.choice(("full", "full", "partial", "none")),
}
RARELY = {"removed": 0.12, "resolved_at": 0.3, "settled_by": 0.4}
PROCEDURE: dict[str, Draw] = {
    "service_level": lambda random, agency: random.choice(("full", "full", "partial", "none")),
    "eligible_full_online": flags,
    "result_required": flags,
    "fee_bearing": flags,
    "published": flags,
    "name": lambda random, agency: random.choice(("Khai sinh", "", "ữ" * 500)),
}
DECLARATION: dict[str, Draw] = {
    "received": lambda random, agency: random.choice((0, 1, 5, 40, 10**9)),
    "resolved": lambda random, agency: random.choice((0, 0, 2, 30)),
}


def event(random: Random, agency: Agency, kind: str, subject: str, data: Event) -> Event:
    """The envelope, with a time and an id out of few."""
    source = f"/agencies/{random.choice(agency.sources)}" + random.choice(("", "/mcdt", "/s-1.x_Y"))
    return {
        "specversion": "1.0",
        "id": random.choice(IDS),
        "source": source,
        "type": f"vn.emc.{kind}.v1",
        "subject": subject,
        "time": written(random, random.choice(MOMENTS)),
        "data": data,
    }


def part(random: Random, agency: Agency, fields: dict[str, Draw], share: float) -> Event:
    """Some of the fields, one in ten of them cleared."""
    chosen = [name for name in fields if random.random() < RARELY.get(name, share)]
    return {name: None if random.random() < 0.1 else fields[name](random, agency) for name in chosen}


def dossier_events(random: Random, agency: Agency, number: int) -> list[Event]:
    """What is said about one dossier: usually a receipt, then parts and corrections."""
    code = some_dossier(random, agency, number)
    events = []
    for _ in range(random.choice((1, 2, 3, 4, 6, 9))):
        data = part(random, agency, DOSSIER, random.choice((0.1, 0.4, 0.9)))
        events.append(event(random, agency, "dossier", code, data))
    if random.random() < 0.8:
        data = {"received_at": instants(random, agency), "channel": "online"}
        events.append(event(random, agency, "dossier", code, data))
    return events


def catalogue_events(random: Random, agency: Agency, changes: int) -> list[Event]:
    """Entries of six procedures, retroactive ones and ones to come, corrected again and again."""
    days = (None, "1970-01-01", "2099-12-31", "2100-01-01", *(f"{day}" for day in agency.days))
    events = []
    for _ in range(changes):
        data = part(random, agency, PROCEDURE, 0.6)
        if random.random() < 0.7:
            data["valid_from"] = random.choice(days)
        suffix = random.choice(("", "", ".000.00.00.H56", f".000.00.16.{agency.code}"))
        subject = f"{random.choice((1, 2))}.00000{random.randrange(3)}{suffix}"
        events.append(event(random, agency, "procedure", subject, data))
    return events


def declaration_events(random: Random, agency: Agency, changes: int) -> list[Event]:
    return [
        event(
            random,
            agency,
            "declaration",
            f"{some_day(random, agency)}",
            part(random, agency, DECLARATION, 0.7),
        )
        for _ in range(changes)
    ]


def heartbeat_events(random: Random, agency: Agency, changes: int) -> list[Event]:
    return [event(random, agency, "heartbeat", f"s-{n}", {}) for n in range(changes)]
