"""Last-writer-wins registers, and the fold that joins events into them.

A register is (time, id, value): who wrote it last and what. The order of writers is (time, id), ids as
UTF-8 bytes, which is the order of their code points and so of Python strings. On a full tie with different
values the greater canonical JSON wins. So the fold is a join: commutative, associative, idempotent.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from emc.instants import format_instant

Register = tuple[int, str, Any]
Registers = dict[str, Register]

INSTANT_FIELDS = frozenset(("submitted_at", "received_at", "due_at", "resolved_at", "returned_at"))

encode: Any = msgspec.json.Encoder().encode
"""Registers as JSON bytes `{"field": [time, "id", value]}`: the form in the local store and in ClickHouse."""

_decode = msgspec.json.Decoder(dict[str, tuple[int, str, Any]]).decode


def decode(text: bytes | str) -> Registers:
    """Registers out of the form that `encode` gives."""
    return _decode(text)


def fold(registers: Registers, time: int, id_: str, fields: Mapping[str, Any]) -> list[str]:
    """Joins one event's fields into the registers; returns the fields in conflict (a tie that differs)."""
    conflicts = []
    for name, value in fields.items():
        held = registers.get(name)
        if held is None or time > held[0] or (time == held[0] and id_ > held[1]):
            registers[name] = (time, id_, value)
        elif time == held[0] and id_ == held[1] and value != held[2]:
            conflicts.append(name)
            if canonical(name, value) > canonical(name, held[2]):
                registers[name] = (time, id_, value)
    return conflicts


def canonical(name: str, value: Any) -> bytes:
    """The value of a field as canonical JSON (RFC 8785), instants in UTC with microseconds."""
    if name in INSTANT_FIELDS and value is not None:
        value = format_instant(value)
    return msgspec.json.encode(value)


def values(registers: Registers) -> dict[str, Any]:
    """What the registers hold, cleared ones left out."""
    return {name: register[2] for name, register in registers.items() if register[2] is not None}
