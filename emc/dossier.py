"""From a dossier's registers to the cells that it counts in: at most one by receipt, one by resolution."""

from typing import Any, NamedTuple

from emc.facts import BIT, RECEIPT_FACTS, RESOLUTION_FACTS
from emc.instants import day_of
from emc.registers import Registers

RECEIPT, RESOLUTION = 1, 2
ATTRIBUTIONS = {RECEIPT: "receipt", RESOLUTION: "resolution"}
_NOT_RESOLVED = (3, 7, 8)

_ONLINE, _ELECTRONIC, _REUSED = BIT["online"], BIT["electronic_result"], BIT["reused"]
_DIGITISED, _HAS_DUE, _ON_TIME = BIT["digitised"], BIT["has_due"], BIT["on_time"]
_FLAGS = tuple((name, BIT[name]) for name in ("electronic_result", "identified", "fee_due", "paid_online"))


class Cell(NamedTuple):
    """A place where dossiers are counted. `day` is in days since 1970-01-01, Hanoi; `procedure` may be ''."""

    procedure: str
    attribution: int
    day: int
    signature: int


def signature(registers: Registers) -> int:
    """The facts of a dossier as bits, in the order of `emc.facts.DOSSIER_FACTS`."""
    get = registers.get
    channel, due, resolved, components = get("channel"), get("due_at"), get("resolved_at"), get("components")
    bits = _ONLINE if channel is not None and channel[2] == "online" else 0
    for name, bit in _FLAGS:
        flag = get(name)
        if flag is not None and flag[2]:
            bits |= bit
    if components is not None and components[2]:
        bits |= _component_bits(components[2])
    if due is not None and due[2] is not None:
        bits |= _HAS_DUE
        if resolved is not None and resolved[2] is not None and resolved[2] <= due[2]:
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


def cells(registers: Registers, facts: int) -> tuple[Cell | None, Cell | None]:
    """The receipt cell and the resolution cell of a dossier with these registers and this signature."""
    get = registers.get
    received, removed = get("received_at"), get("removed")
    if received is None or received[2] is None or (removed is not None and removed[2]):
        return None, None
    procedure_register, resolved, status = get("procedure"), get("resolved_at"), get("status")
    procedure = (procedure_register[2] or "") if procedure_register is not None else ""
    receipt = Cell(procedure, RECEIPT, day_of(received[2]), facts & RECEIPT_FACTS)
    if resolved is None or resolved[2] is None or (status is not None and status[2] in _NOT_RESOLVED):
        return receipt, None
    return receipt, Cell(procedure, RESOLUTION, day_of(resolved[2]), facts & RESOLUTION_FACTS)
