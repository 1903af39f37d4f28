"""By how much an import moves which rates of which months."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from emc.catalogue import Catalogue
from emc.definitions import DEFINITIONS, Definition
from emc.dossier import ATTRIBUTIONS, Cell, cells, signature
from emc.facts import ProcedureFacts
from emc.instants import date_of_day


class RatePlace(NamedTuple):
    """Which rate: of an agency (in the dossiers' codes), for a month (its first day)."""

    agency: str
    start: str
    metric: str
    definition: str


class Moves:
    """Adds up what each changed dossier gives to and takes from every rate by day of receipt or
    resolution.
    """

    def __init__(self, catalogue_of: Callable[[str], Catalogue]) -> None:
        self._catalogue_of = cache(catalogue_of)
        self.above: Counter[RatePlace] = Counter()
        self.below: Counter[RatePlace] = Counter()

    def add(self, agency: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """A dossier of the agency held `before` and holds `after`, by field."""
        gone, come = _cells(before), _cells(after)
        for cell in gone - come:
            self._count(agency, cell, -1)
        for cell in come - gone:
            self._count(agency, cell, 1)

    def _count(self, agency: str, cell: Cell, sign: int) -> None:
        facts = self._catalogue_of(agency).on(cell.procedure, cell.day)
        start = date_of_day(cell.day).replace(day=1).isoformat()
        for definition, is_above in _counted(ATTRIBUTIONS[cell.attribution], cell.signature, facts):
            place = RatePlace(agency, start, definition.metric, definition.name)
            self.below[place] += sign
            self.above[place] += sign * is_above

    def moved(self) -> list[tuple[RatePlace, int, int]]:
        """Each rate whose numerator or denominator moves, with by how much each does."""
        places = sorted(self.above.keys() | self.below.keys())
        found = ((place, self.above[place], self.below[place]) for place in places)
        return [(place, above, below) for place, above, below in found if above or below]


def _cells(held: Mapping[str, Any]) -> set[Cell]:
    return set(cells(held, signature(held)))


@cache
def _counted(day: str, bits: int, facts: ProcedureFacts) -> tuple[tuple[Definition, bool], ...]:
    return tuple(_counts(day, bits, facts))


def _counts(day: str, bits: int, facts: ProcedureFacts) -> Iterator[tuple[Definition, bool]]:
    for definition in DEFINITIONS:
        if definition.day == day and definition.counts_below(bits, facts):
            yield definition, definition.counts_above(bits, facts)
