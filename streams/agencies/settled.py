"""What one step moves between settlers: cells and sums of the dossiers that another agency settles.

Most agencies have none: then nothing here is read or written. The cells and sums lie in the local store
alone; the table `settled` holds what follows from them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emc.catalogue import Catalogue
from emc.dossier import Cell
from emc.facts import ProcedureFacts
from emc.periods import PERIODS
from emc.settling import ITSELF, SettledCell, settled_counts, settler_of
from emc.sums import Sums, indices, zero
from streams.agencies import calendar, store
from streams.agencies.store import Store
from streams.batch.rows import Put, Row

Counted = Mapping[SettledCell, int]
BySettler = dict[tuple[str, calendar.Key], Sums]
"""Sums by settler and period."""


class Overdrawn(Exception):
    """More dossiers would leave a settler's cell than are in it."""


class SettledMoves:
    """Gathers what a step moves, and turns it into rows and pairs at the end."""

    def __init__(self, agency: str, local: Store) -> None:
        self._agency, self._local = agency, local
        self._moved: dict[SettledCell, int] = {}
        self._days: dict[str, dict[int, Sums]] = {}

    def move(self, held: Mapping[str, Any], cells: Iterable[Cell], number: int) -> None:
        """A dossier with these values enters (1) or leaves (-1) its cells."""
        settler = settler_of(held, self._agency)
        if settler != ITSELF:
            for cell in cells:
                settled = SettledCell(settler, cell)
                self._moved[settled] = self._moved.get(settled, 0) + number

    def counted(self, procedure: str, catalogue: Catalogue) -> list[tuple[SettledCell, int, ProcedureFacts]]:
        """What settlers hold of a procedure, with its facts before the catalogue changes."""
        return [
            (settled, count, catalogue.on(procedure, settled.cell.day))
            for settled, count in self._local.settled_cells(self._agency, procedure)
        ]

    def restate(
        self, counted: Iterable[tuple[SettledCell, int, ProcedureFacts]], catalogue: Catalogue
    ) -> None:
        """The catalogue has changed: what was counted counts otherwise now."""
        for settled, count, before in counted:
            after = catalogue.on(settled.cell.procedure, settled.cell.day)
            if after != before:
                self._count(settled, before, -count)
                self._count(settled, after, count)

    def finish(self, catalogue: Catalogue, version: int) -> tuple[list[Row], list[Put]]:
        """The rows of `settled` and the pairs of the local store; Overdrawn when that cannot be right."""
        rows, puts = list[Row](), list[Put]()
        if not (self._moved or self._days):
            return rows, puts
        agency, local = self._agency, self._local
        keys = [store.settled_cell_key(agency, settled) for settled in self._moved]
        for (settled, moved), key, value in zip(self._moved.items(), keys, local.get_many(keys), strict=True):
            count = store.decode_count(value) + moved
            if count < 0:
                raise Overdrawn(f"{agency}: a cell of {settled.settler} would hold {count} dossiers")
            puts.append((key, store.encode_count(count)))
            self._count(settled, catalogue.on(settled.cell.procedure, settled.cell.day), moved)
        deltas = _by_period(self._days)
        sums_keys = [store.settled_sums_key(agency, settler, *key) for settler, key in deltas]
        for ((settler, period), delta), sums_key, value in zip(
            deltas.items(), sums_keys, local.get_many(sums_keys), strict=True
        ):
            sums = list(map(int.__add__, store.decode_sums(value), delta)) if value else delta
            puts.append((sums_key, store.encode_sums(sums) if any(sums) else None))
            rows.extend(settled_rows(agency, settler, period, sums, version))
        return rows, puts

    def _count(self, settled: SettledCell, facts: ProcedureFacts, number: int) -> None:
        day = self._days.setdefault(settled.settler, {}).setdefault(settled.cell.day, zero())
        for n in indices(settled.cell.attribution, settled.cell.signature, facts):
            day[n] += number


def settled_sums(counted: Counted, catalogue: Catalogue) -> BySettler:
    """The sums of all settlers of an agency, from their cells."""
    days: dict[str, dict[int, Sums]] = {}
    for (settler, cell), count in counted.items():
        day = days.setdefault(settler, {}).setdefault(cell.day, zero())
        for n in indices(cell.attribution, cell.signature, catalogue.on(cell.procedure, cell.day)):
            day[n] += count
    return _by_period(days)


def settled_rows(agency: str, settler: str, key: calendar.Key, sums: Sums, version: int) -> Iterator[Row]:
    """Rows of `settled` for one settler and period; one without a dossier is marked deleted."""
    period, start = key
    for metric, definition, numerator, denominator in settled_counts(sums):
        name = (agency, settler, metric, definition, PERIODS[period], start)
        yield (*name, numerator, denominator, version, int(denominator == 0))


def _by_period(days: Mapping[str, dict[int, Sums]]) -> BySettler:
    return {
        (settler, key): sums
        for settler, of_settler in days.items()
        for key, sums in calendar.by_period(of_settler).items()
    }
