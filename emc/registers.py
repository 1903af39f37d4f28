"""Last-writer-wins registers, and the fold that joins events into them.

The order of writers is (time, id), ids as UTF-8 bytes, which is the order of their code points and so of
Python strings. On a full tie with different values the greater canonical JSON wins. So the fold is a join:
commutative, associative, idempotent.

An event writes several registers at once, so they are kept by their last writer: what a writer has lost to
later ones is gone, a writer that has lost all is gone too.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from emc.instants import format_instant

Write = tuple[int, str, dict[str, Any]]
"""A writer's time (µs since 1970 UTC) and id, and the registers that it wrote last; None: cleared."""

Registers = list[Write]
"""Writes in the order of their writers; every register is in one of them."""

INSTANT_FIELDS = frozenset(("submitted_at", "received_at", "due_at", "resolved_at", "returned_at"))

encode: Any = msgspec.json.Encoder().encode
"""Registers as JSON bytes `[[time, "id", {"field": value}]]`, as the local store and ClickHouse hold them."""

_decode = msgspec.json.Decoder(Registers).decode


def decode(text: bytes | str) -> Registers:
    """Registers out of the form that `encode` gives."""
    return _decode(text)


def fold(registers: Registers, time: int, id_: str, fields: Mapping[str, Any]) -> list[str]:
    """Joins one event's fields into the registers; returns the fields in conflict (a tie that differs)."""
    if not fields:
        return []
    last = registers[-1] if registers else None
    if last is None or time > last[0] or (time == last[0] and id_ > last[1]):
        _lose(registers, fields)
        registers.append((time, id_, dict(fields)))
        return []
    return _fold_between(registers, (time, id_), dict(fields))


def _fold_between(registers: Registers, writer: tuple[int, str], fields: dict[str, Any]) -> list[str]:
    """Joins the fields of a writer that is not the last of all."""
    place = len(registers)
    while place and registers[place - 1][:2] > writer:
        place -= 1
        for name in fields.keys() & registers[place][2].keys():
            del fields[name]
    conflicts = []
    if place and registers[place - 1][:2] == writer:
        held = registers[place - 1][2]
        conflicts = [name for name in fields if name in held and fields[name] != held[name]]
        for name in fields.keys() & held.keys():
            if name not in conflicts or canonical(name, fields[name]) < canonical(name, held[name]):
                fields[name] = held[name]
        held |= fields
        place -= 1
    elif fields:
        registers.insert(place, (*writer, fields))
    earlier = registers[:place]
    _lose(earlier, fields)
    registers[:place] = earlier
    return conflicts


def _lose(registers: Registers, fields: Mapping[str, Any]) -> None:
    """Takes these fields from their writers, for a later writer."""
    emptied = False
    for _, _, held in registers:
        if not held.keys().isdisjoint(fields):
            for name in held.keys() & fields.keys():
                del held[name]
            emptied = emptied or not held
    if emptied:
        registers[:] = [write for write in registers if write[2]]


def canonical(name: str, value: Any) -> bytes:
    """The value of a field as canonical JSON (RFC 8785), instants in UTC with microseconds."""
    if name in INSTANT_FIELDS and value is not None:
        value = format_instant(value)
    return msgspec.json.encode(value)


def values(registers: Registers) -> dict[str, Any]:
    """What the registers hold by field; None where one was cleared."""
    held: dict[str, Any] = {}
    for _, _, fields in registers:
        held |= fields
    return held
