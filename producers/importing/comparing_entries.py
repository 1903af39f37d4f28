"""What an import of a catalogue or of declarations would change: entries and days, against what is known."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from emc.registers import Registers, fold, values
from emc.verdicts import Accepted
from producers.importing.comparing import Changes
from producers.importing.moves import RatePlace

Entries = Mapping[tuple[str, str], Registers]
"""Registers by subject and first day: of a catalogue (procedure, YYYY-MM-DD), of declarations (day, "")."""


class KnownEntries(Protocol):
    """What such a comparison asks of the service."""

    def entries(self, kind: str, agency: str) -> Entries:
        """All that is held of an agency's `procedures` or `declarations`."""


class EntryComparison:
    """Compares accepted rows in their order; `end` tells what came out."""

    def __init__(self, known: KnownEntries, kind: str) -> None:
        self._known, self._kind = known, kind
        self._held: dict[str, dict[tuple[str, str], Registers]] = {}
        self._changes = Changes()

    def add(self, rows: Sequence[Accepted]) -> None:
        """Takes rows in."""
        for row in rows:
            if row.agency not in self._held:
                known = self._known.entries(self._kind, row.agency)
                self._held[row.agency] = {place: list(held) for place, held in known.items()}
            self._compare(row, self._held[row.agency].setdefault((row.subject, row.valid_from), []))

    def _compare(self, row: Accepted, registers: Registers) -> None:
        before, changes = dict(values(registers)), self._changes
        fold(registers, row.time, row.id, row.fields)
        after: dict[str, Any] = values(registers)
        if not before:
            changes.new += 1
        elif before != after:
            changes.changed += 1
        else:
            changes.unchanged += 1
            changes.older += any(after.get(name) != value for name, value in row.fields.items())

    def end(self) -> Changes:
        """What came out, over all rows."""
        return self._changes

    def moved(self) -> list[tuple[RatePlace, int, int]]:
        """Nothing: by how much a catalogue moves rates only the dossiers could tell."""
        return []
