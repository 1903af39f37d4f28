"""Which agency settles a dossier, and the sums of what one agency settles of another.

Under `counted_for=settled` a dossier counts for its settler instead of the agency in its code. So the view of
an agency is what it counts by code, minus what others settle of it, plus what it settles of others: only
dossiers whose settler is another agency need numbers of their own.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from emc.dossier import Cell
from emc.identifiers import level1
from emc.sums import BY_DAY, Sums, counts_by_day

ITSELF = ""
"""The settler of a dossier that counts for the agency in its code either way."""


class SettledCell(NamedTuple):
    """A cell of those dossiers that one other agency settles; `settler` is its level-1 code."""

    settler: str
    cell: Cell


def settler_of(held: Mapping[str, Any], agency: str) -> str:
    """The level-1 code of the agency that settles a dossier of `agency`; ITSELF for its own."""
    identifier = held.get("settled_by")
    if identifier is None:
        return ITSELF
    settler = level1(identifier) or ITSELF
    return ITSELF if settler == agency else settler


def settled_counts(sums: Sums) -> Iterator[tuple[str, str, int, int]]:
    """Metric, definition, numerator and denominator of every rate that counts dossiers, in a fixed order."""
    for definition, (numerator, denominator) in zip(BY_DAY, counts_by_day(sums), strict=True):
        yield definition.metric, definition.name, numerator, denominator
