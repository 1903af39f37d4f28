"""A whole history: every agency's events, broken ones among them, packed and interleaved."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.histories.broken import SPOILED, broken_event, spoiled
from tests.histories.delegates import DELEGATES
from tests.histories.events import catalogue_events, declaration_events, dossier_events, heartbeat_events
from tests.histories.extremes import extreme_events
from tests.histories.packing import Message, disordered, encoded, pack
from tests.histories.values import ANCHORS, Agency

# agency → those that may speak for it; H25 and H02 are closed, with H42 and H05 after them
AGENCIES = {
    "H25": ("H25", "H42"),
    "H42": ("H42",),
    "H02": ("H02", "H05"),
    "H26": ("H26",),
    "G12": ("G12",),
    "G01": ("G01",),
}


@dataclass(frozen=True)
class Shape:
    """How much of everything, per agency; `repeated` and `broken` are shares of the events.

    `delegates`: ministries send for provinces too, as `tests.histories.delegates` has it.
    """

    dossiers: int = 250
    catalogue: int = 60
    declarations: int = 30
    heartbeats: int = 3
    repeated: float = 0.15
    broken: float = 0.03
    agencies: tuple[str, ...] = tuple(AGENCIES)
    delegates: bool = False


def history(seed: int, today: date, shape: Shape | None = None) -> list[Message]:
    """The messages of one history, in the order of sending.

    The same seed, day and shape give the same messages. `today` (Hanoi) and its neighbours are among the
    days, so that current periods have dossiers; event times lie in the past, but for those refused as future.
    """
    random, shape = Random(seed), shape or Shape()
    messages: list[Message] = []
    for code in shape.agencies:
        messages += agency_history(random, agency_of(code, today, shape.delegates), shape)
    messages += whole_failures(random, today, shape)
    random.shuffle(messages)
    return messages


def agency_of(code: str, today: date, delegates: bool = False) -> Agency:
    days = (*ANCHORS, today - timedelta(days=1), today, today + timedelta(days=1))
    more = DELEGATES.get(code, ()) if delegates else ()
    return Agency(code, AGENCIES.get(code, (code,)) + more, days)


def agency_history(random: Random, agency: Agency, shape: Shape) -> list[Message]:
    """One agency's messages, some sent twice, an empty batch between them."""
    events: list[Any] = []
    for number in range(shape.dossiers):
        events += dossier_events(random, agency, number)
    broken = [broken_event(random, random.choice(events)) for _ in range(int(len(events) * shape.broken))]
    events += catalogue_events(random, agency, shape.catalogue)
    events += declaration_events(random, agency, shape.declarations)
    events += heartbeat_events(random, agency, shape.heartbeats)
    events += extreme_events(random, agency) + broken
    key = agency.code.encode()
    messages = list(pack(random, key, disordered(random, events, shape.repeated)))
    again = random.sample(messages, len(messages) // 10)
    return [*messages, *again, Message(key, b"[]", [])]


def whole_failures(random: Random, today: date, shape: Shape) -> list[Message]:
    """Messages malformed as a whole, in every way, and good events under no key or a wrong one."""
    messages = []
    for way in range(len(SPOILED)):
        agency = agency_of(random.choice(shape.agencies), today)
        good = dossier_events(random, agency, 1)[0]
        messages.append(Message(agency.code.encode(), spoiled(encoded(random, good), way), []))
    for key in (None, b"", b"H25.16", b"A99", b"h25", b"\xff\xfe", b"H57"):
        agency = agency_of(random.choice(shape.agencies), today)
        events = dossier_events(random, agency, 2) + catalogue_events(random, agency, 1)
        messages.append(Message(key, encoded(random, events), []))
    return messages
