"""Final states from all events at once, and the facts that a dossier is counted by."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from tests.oracle.forms import canonical, hanoi_day, level_one, micros

Event = bytes  # JSON [time (µs), id, normalised data]: millions of them must fit in memory
Register = tuple[int, str, Any]  # time (µs), id, value
State = dict[str, Any]

FACTS = (
    "online",
    "electronic_result",
    "reused",
    "digitised",
    "identified",
    "fee_due",
    "paid_online",
    "has_due",
    "on_time",
    "claimed_full",
)
RECEIPT_BITS = 0b10_0111_1111
RESOLUTION_BITS = 0b01_1000_0011
NOT_RESOLVED = (3, 7, 8)


def registers(events: Iterable[Event]) -> dict[str, Register]:
    """The last writer of every field: by time, then id, then canonical JSON.

    Python compares texts by code point, which is the order of their UTF-8 bytes.
    """
    written: dict[str, list[Register]] = {}
    for time, identity, data in map(json.loads, events):
        for name, value in data.items():
            written.setdefault(name, []).append((time, identity, value))
    return {name: last(writes) for name, writes in written.items()}


def last(writes: list[Register]) -> Register:
    """The write that stands."""
    time, identity = max(write[:2] for write in writes)
    values = [write[2] for write in writes if write[:2] == (time, identity)]
    return time, identity, max(values, key=canonical) if len(values) > 1 else values[0]


def ties(events: Iterable[Event]) -> dict[tuple[str, int, str], int]:
    """(field, time, id) written with more than one value → how many values."""
    written: dict[tuple[str, int, str], set[str]] = {}
    for time, identity, data in map(json.loads, events):
        for name, value in data.items():
            written.setdefault((name, time, identity), set()).add(canonical(value))
    return {place: len(values) for place, values in written.items() if len(values) > 1}


def values(written: dict[str, Register]) -> State:
    """The set fields; cleared ones are left out."""
    return {name: value for name, (_, _, value) in written.items() if value is not None}


class Facts(NamedTuple):
    """What one dossier counts under; a day is None where it does not count."""

    procedure: str
    receipt: date | None
    resolution: date | None
    signature: int
    settler: str = ""  # the level-1 code of `settled_by`


def facts(state: State) -> Facts:
    """The contract's *received*, *resolved* and the fact bits, in the order of `FACTS`."""
    received, resolved, due = (moment(state, name) for name in ("received_at", "resolved_at", "due_at"))
    components = state.get("components", [])
    true = (
        state.get("channel") == "online",
        state.get("electronic_result", False),
        any(each.get("reused") for each in components),
        bool(components) and all(each.get("digitised") for each in components),
        state.get("identified", False),
        state.get("fee_due", False),
        state.get("paid_online", False),
        due is not None,
        due is not None and resolved is not None and resolved <= due,
        state.get("claimed_level") == "full",
    )
    counts = received is not None and not state.get("removed", False)
    ended = counts and resolved is not None and state.get("status") not in NOT_RESOLVED
    return Facts(
        state.get("procedure", ""),
        hanoi_day(received) if counts and received is not None else None,
        hanoi_day(resolved) if ended and resolved is not None else None,
        sum(1 << bit for bit, fact in enumerate(true) if fact),
        level_one(state["settled_by"]) if "settled_by" in state else "",
    )


def moment(state: State, name: str) -> int | None:
    """An instant register as microseconds."""
    return micros(state[name]) if name in state else None


class Level(NamedTuple):
    """A catalogue entry with the contract's defaults applied."""

    service_level: str = "none"
    eligible: bool = False
    result_required: bool = True
    published: bool = True


def level(state: State) -> Level:
    return Level(
        state.get("service_level", "none"),
        state.get("eligible_full_online", False),
        state.get("result_required", True),
        state.get("published", True),
    )


class Catalogue:
    """An agency's procedures: code → entries by `valid_from`."""

    def __init__(self, entries: dict[tuple[str, str], State]) -> None:
        self.entries: dict[str, list[tuple[date, Level]]] = {}
        for (procedure, valid_from), state in sorted(entries.items()):
            entry = (date.fromisoformat(valid_from), level(state))
            self.entries.setdefault(procedure, []).append(entry)

    def on(self, procedure: str, day: date) -> Level | None:
        """The entry with the greatest `valid_from` not after the day, or None."""
        held = [entry for start, entry in self.entries.get(procedure, []) if start <= day]
        return held[-1] if held else None

    def all_on(self, day: date) -> list[Level]:
        """Every procedure's entry that holds on the day."""
        return [entry for code in self.entries if (entry := self.on(code, day)) is not None]
