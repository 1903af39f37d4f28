"""Why a rate moved: its change split exactly into what each of its parts contributed.

Two stretches of days are compared. Every dossier is in one part, a procedure, say. A rate is the sum over
parts of weight times own rate, the weight being the part's share of the denominator. So the change is the sum
over parts of two effects, without rest:

    rate effect   mean weight x change of the part's own rate
    mix effect    change of weight x (mean of its own rates - mean of the whole rates)

Everything is computed in fractions of the counts; floats are made at the end alone. A part that one of the
stretches lacks has no own rate there: its whole contribution is mix.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

Counts = tuple[int, int]
"""Numerator and denominator."""
NOTHING: Counts = (0, 0)


class Contribution(NamedTuple):
    """What one part adds to the change. `rate_effect` + `mix_effect` = `change`."""

    part: str
    before: Counts
    after: Counts
    rate_effect: Fraction
    mix_effect: Fraction

    @property
    def change(self) -> Fraction:
        """Its whole contribution."""
        return self.rate_effect + self.mix_effect


class Split(NamedTuple):
    """The change of a rate and its contributions, the greatest first; they add up to it exactly."""

    before: Counts
    after: Counts
    change: Fraction
    contributions: list[Contribution]


def split(before: Mapping[str, Counts], after: Mapping[str, Counts]) -> Split | None:
    """Splits the change between two stretches, each by parts; None when one of them has no dossier."""
    whole_before, whole_after = _sum(before), _sum(after)
    if not (whole_before[1] and whole_after[1]):
        return None
    level = (Fraction(*whole_before) + Fraction(*whole_after)) / 2
    found = [
        _contribution(
            part,
            (before.get(part, NOTHING), after.get(part, NOTHING)),
            (whole_before[1], whole_after[1]),
            level,
        )
        for part in before.keys() | after.keys()
    ]
    found.sort(key=lambda each: (-abs(each.change), each.part))
    change = Fraction(*whole_after) - Fraction(*whole_before)
    return Split(whole_before, whole_after, change, found)


def _contribution(
    part: str, counts: tuple[Counts, Counts], wholes: tuple[int, int], level: Fraction
) -> Contribution:
    (above, below), (above_after, below_after) = before, after = counts
    weight, weight_after = Fraction(below, wholes[0]), Fraction(below_after, wholes[1])
    rate_effect = Fraction(0)
    if below and below_after:
        own, own_after = Fraction(above, below), Fraction(above_after, below_after)
        rate_effect = (weight + weight_after) / 2 * (own_after - own)
        mix_effect = (weight_after - weight) * ((own + own_after) / 2 - level)
    elif below or below_after:
        own = Fraction(above + above_after, below + below_after)
        mix_effect = (weight_after - weight) * (own - level)
    else:
        mix_effect = Fraction(0)
    return Contribution(part, before, after, rate_effect, mix_effect)


def _sum(counts: Mapping[str, Counts]) -> Counts:
    return sum(above for above, _ in counts.values()), sum(below for _, below in counts.values())
