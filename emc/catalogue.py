"""An agency's procedure catalogue as of any day, and the supply rates that follow from it alone."""

from bisect import bisect_right, insort
from collections.abc import Iterator
from typing import Any

from emc.definitions import DEFINITIONS
from emc.facts import NO_ENTRY, ProcedureFacts
from emc.registers import Registers, values

SUPPLY = tuple(definition for definition in DEFINITIONS if definition.day == "state")
SupplySums = tuple[tuple[int, int], ...]
"""(numerator, denominator) of each definition in SUPPLY."""


def entry_values(registers: Registers) -> dict[str, Any]:
    """The effective values of a catalogue entry: what is absent or null has the contract's default."""

    held = values(registers)

    def value(name: str, default: Any) -> Any:
        said = held.get(name)
        return default if said is None else said

    return {
        "service_level": value("service_level", "none"),
        "eligible_full_online": value("eligible_full_online", False),
        "result_required": value("result_required", True),
        "fee_bearing": value("fee_bearing", False),
        "published": value("published", True),
        "name": value("name", ""),
    }


def entry_facts(registers: Registers) -> ProcedureFacts:
    """What definitions may ask of a catalogue entry."""
    effective = entry_values(registers)
    return ProcedureFacts(
        level_full=effective["service_level"] == "full",
        level_partial=effective["service_level"] == "partial",
        eligible=effective["eligible_full_online"],
        result_required=effective["result_required"],
        published=effective["published"],
    )


class Catalogue:
    """The entries of one agency by procedure and first valid day (days since 1970-01-01)."""

    def __init__(self) -> None:
        self._days: dict[str, list[int]] = {}
        self._facts: dict[tuple[str, int], ProcedureFacts] = {}
        self._changes: list[int] = []
        self._supply: dict[int, SupplySums] = {}

    def set(self, procedure: str, valid_from: int, facts: ProcedureFacts) -> None:
        """Adds or replaces one entry."""
        if (procedure, valid_from) not in self._facts:
            insort(self._days.setdefault(procedure, []), valid_from)
            at = bisect_right(self._changes, valid_from)
            if at == 0 or self._changes[at - 1] != valid_from:
                self._changes.insert(at, valid_from)
        self._facts[procedure, valid_from] = facts
        self._supply.clear()

    def on(self, procedure: str, day: int) -> ProcedureFacts:
        """The facts of a procedure on a day: of the entry with the greatest first day not after it."""
        days = self._days.get(procedure)
        at = bisect_right(days, day) if days else 0
        return self._facts[procedure, days[at - 1]] if days and at else NO_ENTRY

    def holds_any(self, day: int) -> bool:
        """Whether any entry holds on that day."""
        return bool(self._changes) and self._changes[0] <= day

    def supply(self, day: int) -> SupplySums:
        """The sums of the supply definitions over the procedures that have an entry on that day."""
        change = bisect_right(self._changes, day)
        sums = self._supply.get(change)
        if sums is None:
            facts = list(self._holding(day))
            sums = self._supply[change] = tuple(
                (
                    sum(definition.counts_above(0, fact) for fact in facts),
                    sum(definition.counts_below(0, fact) for fact in facts),
                )
                for definition in SUPPLY
            )
        return sums

    def _holding(self, day: int) -> Iterator[ProcedureFacts]:
        for procedure, days in self._days.items():
            at = bisect_right(days, day)
            if at:
                yield self._facts[procedure, days[at - 1]]
