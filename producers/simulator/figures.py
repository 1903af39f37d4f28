"""The published figures that the simulated month reproduces, and the counts that round to them."""

from collections.abc import Iterable
from typing import NamedTuple

# Percent as published on 24/4/2024 (emc/data/reported_figures.csv), with the decimals of the publication:
# "50.1" is met by any rate that rounds to one decimal as 50.1, "11" by any that rounds to 11 whole percent.
TARGETS: dict[str, dict[str, str]] = {
    "online_submission": {"ministries": "50.1", "localities": "47.4"},
    "full_online_supply": {"ministries": "29.3", "localities": "54.5"},
    "electronic_result": {"ministries": "50.2", "localities": "60.1"},
    "data_reuse": {"ministries": "1", "localities": "11"},
}
_SEARCHED = 10_000


class Share(NamedTuple):
    """A rate as its two counts."""

    numerator: int
    denominator: int


def total(shares: Iterable[Share]) -> Share:
    """The rate of a group: sum over sum."""
    numerators, denominators = 0, 0
    for share in shares:
        numerators += share.numerator
        denominators += share.denominator
    return Share(numerators, denominators)


def numerator_for(denominator: int, percent: str) -> int | None:
    """The numerator whose rate is nearest to `percent`; None when even that one would not round to it.

    The outer tenth of the rounding interval is left free, so that no way of rounding is at its edge.
    """
    whole, _, decimals = percent.partition(".")
    value, unit = int(whole + decimals), 100 * 10 ** len(decimals)
    numerator = (2 * denominator * value + unit) // (2 * unit)
    near = 20 * abs(numerator * unit - denominator * value) < 9 * denominator
    return numerator if near else None


def denominator_for(wanted: int, *percents: str) -> int:
    """The smallest denominator from `wanted` up for which every one of `percents` has a numerator."""
    for denominator in range(max(wanted, 1), wanted + _SEARCHED):
        if all(numerator_for(denominator, percent) is not None for percent in percents):
            return denominator
    raise ValueError(f"no denominator near {wanted} rounds to {', '.join(percents)} percent")
