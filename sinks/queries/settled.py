"""Rates by who settles: what others settle of an agency is taken from its rows, and given to them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Counted(NamedTuple):
    """Numbers that add to the rates of `whose`, and the agency in the codes of the dossiers behind them."""

    whose: str
    metric: str
    definition: str
    start: int
    numerator: int
    denominator: int
    counted: int
    declared: int
    origin: str


Stored = Iterable[tuple[str, str, str, int, int, int, int, int]]
"""Rows of rates: agency, metric, definition, start, numerator, denominator, counted, declared."""
Settled = Iterable[tuple[str, str, str, str, int, int, int]]
"""Rows of settled: agency, settler, metric, definition, start, numerator, denominator."""


def by_code(rows: Stored) -> Iterator[Counted]:
    """As the agencies in the codes count."""
    for row in rows:
        yield Counted(*row, origin=row[0])


def by_settler(
    rows: Stored, settled: Settled, day_attributed: frozenset[tuple[str, str]]
) -> Iterator[Counted]:
    """As the settlers count. Of those metrics and definitions that count dossiers coverage says nothing."""
    taken: defaultdict[tuple[Any, ...], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for agency, settler, metric, definition, start, above, below in settled:
        place = (agency, metric, definition, start)
        taken[place] = (taken[place][0] + above, taken[place][1] + below)
        yield Counted(settler, metric, definition, start, above, below, 0, 0, agency)
    for agency, metric, definition, start, above, below, counted, declared in rows:
        if (metric, definition) not in day_attributed:
            yield Counted(agency, metric, definition, start, above, below, counted, declared, agency)
            continue
        less = taken[agency, metric, definition, start]
        # the two tables are not read at one moment: a write between them must not make less than nothing
        own = max(above - less[0], 0), max(below - less[1], 0)
        yield Counted(agency, metric, definition, start, *own, 0, 0, agency)
