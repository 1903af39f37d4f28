"""From what a dossier's registers hold to the cells that it counts in: one by receipt, one by resolution."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from emc.facts import BIT, RECEIPT_FACTS, RESOLUTION_FACTS
from emc.instants import day_of

RECEIPT, RESOLUTION = 1, 2
ATTRIBUTIONS = {RECEIPT: "receipt", RESOLUTION: "resolution"}
_NOT_RESOLVED = (3, 7, 8)

_ONLINE, _ELECTRONIC, _REUSED = BIT["online"], BIT["electronic_result"], BIT["reused"]
_DIGITISED, _HAS_DUE, _ON_TIME = BIT["digitised"], BIT["has_due"], BIT["on_time"]
_CLAIMED_FULL = BIT["claimed_full"]
_FLAGS = tuple((name, BIT[name]) for name in ("electronic_result", "identified", "fee_due", "paid_online"))


class Cell(NamedTuple):
    """A place where dossiers are counted. `day` is in days since 1970-01-01, Hanoi; `procedure` may be ''."""

    procedure: str
    attribution: int
    day: int
    signature: int


def signature(held: Mapping[str, Any]) -> int:
    """The facts of a dossier as bits, in the order of `emc.facts.DOSSIER_FACTS`; `held` by field."""
    get = held.get
    bits = _ONLINE if get("channel") == "online" else 0
    for name, bit in _FLAGS:
        if get(name):
            bits |= bit
    if get("claimed_level") == "full":
        bits |= _CLAIMED_FULL
    components = get("components")
    if components:
        bits |= _component_bits(components)
    due = get("due_at")
    if due is not None:
        bits |= _HAS_DUE
        resolved = get("resolved_at")
        if resolved is not None and resolved <= due:
            bits |= _ON_TIME
    return bits


def _component_bits(components: list[dict[str, Any]]) -> int:
    bits = _DIGITISED
    for component in components:
        if component.get("reused"):
            bits |= _REUSED
        if not component.get("digitised"):
            bits &= ~_DIGITISED
    return bits


def cells(held: Mapping[str, Any], facts: int) -> tuple[Cell, ...]:
    """The receipt cell and the resolution cell, as far as there are, of a dossier with this signature."""
    get = held.get
    received = get("received_at")
    if received is None or get("removed"):
        return ()
    procedure, resolved = get("procedure") or "", get("resolved_at")
    receipt = Cell(procedure, RECEIPT, day_of(received), facts & RECEIPT_FACTS)
    if resolved is None or get("status") in _NOT_RESOLVED:
        return (receipt,)
    return receipt, Cell(procedure, RESOLUTION, day_of(resolved), facts & RESOLUTION_FACTS)
