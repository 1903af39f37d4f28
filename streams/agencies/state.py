"""What of an agency must be at hand in memory; the rest of its part lies in the local store."""

from emc.catalogue import Catalogue, entry_facts
from emc.instants import day_number, parse_date
from emc.registers import Registers, values
from emc.sums import Sums
from streams.agencies import calendar

Declared = tuple[int | None, int | None]
"""What is declared for a day: received, resolved."""


class AgencyState:
    """An agency as it stands after its newest batch.

    `as_of`: the greatest time (µs) of its events; `renewed`: the day for which its supply was written last;
    `sources`: the newest event (µs) and arrival (ms) of each; `sums`: by period.
    """

    def __init__(self, agency: str, version: int = 0) -> None:
        self.agency = agency
        self._version = version
        self.as_of = 0
        self.renewed = 0
        self.sources: dict[str, tuple[int, int]] = {}
        self.catalogue = Catalogue()
        self.declared: dict[int, Declared] = {}
        self.sums: dict[calendar.Key, Sums] = {}

    @property
    def version(self) -> int:
        """That of the newest rows; 0 when there are none."""
        return self._version

    def advance(self, version: int) -> None:
        """Moves the version, which only grows: a row must never lose against an older one."""
        if version <= self._version:
            raise ValueError(f"{self.agency}: a version would not grow")
        self._version = version

    def hear(self, source: str, time: int, arrival: int) -> tuple[int, int]:
        """A source spoke; returns when it was last heard of: time of its events (µs), arrival (ms)."""
        held = self.sources.get(source, (0, 0))
        self.sources[source] = latest = (max(held[0], time), max(held[1], arrival))
        return latest

    def set_entry(self, procedure: str, valid_from: str, registers: Registers) -> None:
        """Takes a catalogue entry into the catalogue."""
        self.catalogue.set(procedure, day_number(parse_date(valid_from)), entry_facts(registers))

    def set_declaration(self, day: int, registers: Registers) -> None:
        """Takes a day's declaration as what is declared for that day."""
        self.declared[day] = declared_of(registers)


def declared_of(registers: Registers) -> Declared:
    """What a declaration's registers say."""
    held = values(registers)
    return held.get("received"), held.get("resolved")
