"""What the cells of a period add up to: one vector of integers, additive over days.

Layout: for receipt (offset 0) and resolution (offset 4): dossiers counted, those counted on days with a
declaration, the sum declared, the number of days declared; then for each day-attributed definition its
numerator and its denominator. A month's vector is the sum of its days' vectors, and likewise upwards.
"""

from collections.abc import Iterator
from functools import cache

import msgspec

from emc.catalogue import SUPPLY, SupplySums
from emc.definitions import DEFINITIONS, Definition
from emc.dossier import RECEIPT, RESOLUTION
from emc.facts import ProcedureFacts

Sums = list[int]
BASE = {RECEIPT: 0, RESOLUTION: 4}
COUNTED, COVERED, DECLARED, DECLARED_DAYS = range(4)
_DAY_OF = {"receipt": RECEIPT, "resolution": RESOLUTION}
BY_DAY: tuple[Definition, ...] = tuple(definition for definition in DEFINITIONS if definition.day != "state")
_FIRST = 8
WIDTH = _FIRST + 2 * len(BY_DAY)


class RateCounts(msgspec.Struct, gc=False):
    """The integers behind one rate of one agency and period. `exists` is false when there is no such row."""

    metric: str
    definition: str
    numerator: int
    denominator: int
    counted: int
    declared: int
    exists: bool

    def integers(self) -> tuple[int, int, int, int]:
        """Numerator, denominator, counted and declared: what tables hold of the rate."""
        return self.numerator, self.denominator, self.counted, self.declared


def zero() -> Sums:
    """A vector of nothing."""
    return [0] * WIDTH


@cache
def indices(attribution: int, signature: int, facts: ProcedureFacts) -> tuple[int, ...]:
    """Where one dossier of a cell adds 1, but for coverage: its count, numerators and denominators."""
    found = [BASE[attribution] + COUNTED]
    for n, definition in enumerate(BY_DAY):
        if _DAY_OF[definition.day] == attribution and definition.counts_below(signature, facts):
            found.append(_FIRST + 2 * n + 1)
            if definition.counts_above(signature, facts):
                found.append(_FIRST + 2 * n)
    return tuple(found)


def rates_of(sums: Sums, supply: SupplySums, has_catalogue: bool) -> Iterator[RateCounts]:
    """The rates of a period with these sums and this supply.

    `has_catalogue`: the period is current and an entry of the catalogue holds today.
    """
    any_denominator = False
    for n, definition in enumerate(BY_DAY):
        base = BASE[_DAY_OF[definition.day]]
        numerator, denominator = sums[_FIRST + 2 * n], sums[_FIRST + 2 * n + 1]
        any_denominator = any_denominator or denominator > 0
        exists = _exists(sums, base)
        covered, declared = sums[base + COVERED], sums[base + DECLARED]
        yield RateCounts(
            definition.metric, definition.name, numerator, denominator, covered, declared, exists
        )
    for definition, (numerator, denominator) in zip(SUPPLY, supply, strict=True):
        exists = any_denominator or has_catalogue
        yield RateCounts(definition.metric, definition.name, numerator, denominator, 0, 0, exists)


def counts_by_day(sums: Sums) -> Iterator[tuple[int, int]]:
    """Numerator and denominator of each definition of BY_DAY."""
    return zip(sums[_FIRST::2], sums[_FIRST + 1 :: 2], strict=True)


def changed(delta: Sums, after: Sums, has_catalogue: bool) -> tuple[bool, ...]:
    """For each rate of a period, in the order of `rates_of`: whether it is another since its sums changed.

    `after` are the sums now, `delta` their change. Compared are numerator, denominator, the two counts of the
    coverage, and whether the rate exists. Supply does not follow from sums, but whether its rows exist does,
    unless the catalogue says so anyway (`has_catalogue` as for `rates_of`).
    """
    before = [now - moved for now, moved in zip(after, delta, strict=True)]
    of_attribution = {
        base: bool(
            delta[base + COVERED] or delta[base + DECLARED] or _exists(before, base) != _exists(after, base)
        )
        for base in BASE.values()
    }
    by_day = tuple(
        of_attribution[BASE[_DAY_OF[d.day]]] or any(delta[_FIRST + 2 * n : _FIRST + 2 * n + 2])
        for n, d in enumerate(BY_DAY)
    )
    supply = not has_catalogue and _any_denominator(before) != _any_denominator(after)
    return by_day + (supply,) * len(SUPPLY)


def _exists(sums: Sums, base: int) -> bool:
    """Whether the rates of an attribution have a row: a dossier counts, or something is declared."""
    return sums[base + COUNTED] > 0 or sums[base + DECLARED_DAYS] > 0


def _any_denominator(sums: Sums) -> bool:
    return any(below > 0 for below in sums[_FIRST + 1 :: 2])
