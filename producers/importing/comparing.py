"""What an import would change: row by row against what is known of its dossiers, before anything is sent."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from emc.catalogue import Catalogue
from emc.registers import Registers, fold, values
from emc.verdicts import Accepted
from producers.importing.moves import Moves, RatePlace
from producers.importing.overlay import Overlay

_FINISHED = (9, 10)
_OPEN = (1, 2, 4, 5, 6)
_STEP = {1: 1, 2: 2, 4: 3, 5: 3, 6: 3, 3: 4, 7: 4, 8: 4, 9: 4, 10: 4}
"""How far a dossier is: registered, received, in process, ended."""
_MOMENTS = ("submitted_at", "received_at", "resolved_at", "returned_at")
_ENDS = ("resolved_at", "returned_at")
EXAMPLES = 3


class Known(Protocol):
    """What a comparison asks of the service."""

    def states(self, dossiers: Sequence[str]) -> Mapping[str, Registers]:
        """What is held of those dossiers that are known."""

    def catalogue(self, agency: str) -> Catalogue:
        """An agency's catalogue of procedures."""


@dataclass(slots=True)
class Changes:
    """`new` + `changed` + `unchanged` = the rows accepted. `older` rows, among the unchanged, say what later
    events have overtaken. `newest` is the newest moment that any row tells of (µs).

    `undone` counts the dossiers that would go from finished back to open although they were finished after
    `newest`: the rows know nothing of it, so they are of an older export. `undone_examples` are some of them.
    `back` counts all that would go back: to an earlier status, or behind a moment; `back_examples` likewise.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    newest: int = 0
    undone: int = 0
    undone_examples: list[str] = field(default_factory=list)
    back: int = 0
    back_examples: list[str] = field(default_factory=list)


class Comparison:
    """Compares accepted rows, some hundreds at a time, in their order; `end` tells what came out."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._overlay = Overlay()
        self._reopened: list[tuple[int, str]] = []
        self._back: set[str] = set()
        self.changes = Changes()
        self.moves = Moves(known.catalogue)

    def add(self, rows: Sequence[Accepted]) -> None:
        """Takes rows in."""
        codes = sorted({row.subject for row in rows})
        states: dict[str, Registers] = self._overlay.get(codes)
        asked = [code for code in codes if code not in states]
        states |= {code: list(state) for code, state in self._known.states(asked).items()} if asked else {}
        for row in rows:
            self._compare(row, states.setdefault(row.subject, []))
        self._overlay.put(states)

    def _compare(self, row: Accepted, registers: Registers) -> None:
        before = _said(values(registers))
        is_new, last = not registers, registers[-1][0] if registers else 0
        fold(registers, row.time, row.id, row.fields)
        after = _said(values(registers))
        changes = self.changes
        changes.newest = max(changes.newest, *(self._moment(row, name) for name in _MOMENTS))
        if is_new:
            changes.new += 1
        elif before != after:
            changes.changed += 1
            self._note_reopened(row.subject, before, after, last)
            if _is_earlier(before, after):
                self._back.add(row.subject)
        else:
            changes.unchanged += 1
            changes.older += row.time < last and any(after.get(k) != v for k, v in row.fields.items())
        if before != after:
            self.moves.add(row.agency, before, after)

    @staticmethod
    def _moment(row: Accepted, name: str) -> int:
        """A moment of the row; none of after it was exported, which can only be a mistake."""
        moment = row.fields.get(name)
        return moment if isinstance(moment, int) and moment <= row.time else 0

    def _note_reopened(
        self, dossier: str, before: Mapping[str, Any], after: Mapping[str, Any], last: int
    ) -> None:
        """Notes a finished dossier that would be open again, with when it was finished."""
        reopened = before.get("status") in _FINISHED and after.get("status") in _OPEN
        unended = any(name in before and name not in after for name in _ENDS)
        if reopened or unended:
            finished = max((before[name] for name in _ENDS if name in before), default=last)
            self._reopened.append((finished, dossier))

    def moved(self) -> list[tuple[RatePlace, int, int]]:
        """Each rate that moves, with by how much its numerator and denominator do."""
        return self.moves.moved()

    def end(self) -> Changes:
        """What came out, over all rows."""
        self._overlay.close()
        undone = [(at, dossier) for at, dossier in self._reopened if at > self.changes.newest]
        self.changes.undone = len({dossier for _, dossier in undone})
        self.changes.undone_examples = [dossier for _, dossier in heapq.nlargest(EXAMPLES, undone)]
        self.changes.back, self.changes.back_examples = len(self._back), sorted(self._back)[:EXAMPLES]
        return self.changes


def _is_earlier(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether what holds after a row is what held earlier of a dossier: it is less far, or lacks a moment."""
    less_far = _STEP.get(after.get("status", 0), 0) < _STEP.get(before.get("status", 0), 0)
    return less_far or any(name in before and after.get(name, 0) < before[name] for name in _MOMENTS)


def _said(held: Mapping[str, Any]) -> dict[str, Any]:
    """What is held; null says as little as absent."""
    return {name: value for name, value in held.items() if value is not None}
