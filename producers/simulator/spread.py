"""Distributing whole counts over agencies and days so that the sum is exact."""

import math
from collections.abc import Sequence
from random import Random

_STEPS = 60


def apportion(total: int, weights: Sequence[float], caps: Sequence[int] | None = None) -> list[int]:
    """Splits `total` in proportion to `weights` by largest remainders, no part above its cap.

    What a full part cannot take goes to the others, also to those of weight 0 when nothing else has room.
    Raises ValueError when the caps do not leave room for `total`.
    """
    rooms = list(caps) if caps is not None else [total] * len(weights)
    if total > sum(rooms):
        raise ValueError(f"{total} do not fit into {sum(rooms)}")
    counts = [0] * len(weights)
    while (left := total - sum(counts)) > 0:
        _grant(left, weights, rooms, counts)
    return counts


def _grant(left: int, weights: Sequence[float], rooms: Sequence[int], counts: list[int]) -> None:
    """One round: whole quotas as far as there is room, or single units by largest remainder."""
    free = [n for n, count in enumerate(counts) if count < rooms[n] and weights[n] > 0]
    even = not free
    free = free or [n for n, count in enumerate(counts) if count < rooms[n]]
    mass = len(free) if even else sum(weights[n] for n in free)
    quotas = {n: left * (1.0 if even else weights[n]) / mass for n in free}
    granted = {n: min(int(quota), rooms[n] - counts[n]) for n, quota in quotas.items()}
    if not any(granted.values()):
        ranked = sorted(free, key=lambda n: (int(quotas[n]) - quotas[n], n))
        granted = dict.fromkeys(ranked[:left], 1)
    for n, units in granted.items():
        counts[n] += units


def lean(rng: Random, sizes: Sequence[int], total: int, spread: float, low: float, high: float) -> list[int]:
    """Numerators over the denominators `sizes` that sum to `total`, with rates that differ between parts.

    The rates lie between `low` and `high`, logistic in a normal draw of deviation `spread`; a shift common
    to all parts, found by bisection, makes the sum right.
    """
    draws = [rng.gauss(0.0, spread) for _ in sizes]

    def rates(shift: float) -> list[float]:
        return [min(high, max(low, 1 / (1 + math.exp(-draw - shift)))) for draw in draws]

    below, above = -12.0, 12.0
    for _ in range(_STEPS):
        middle = (below + above) / 2
        reached = sum(size * rate for size, rate in zip(sizes, rates(middle), strict=True))
        below, above = (middle, above) if reached < total else (below, middle)
    weights = [size * rate for size, rate in zip(sizes, rates(above), strict=True)]
    return apportion(total, weights, sizes)
