"""What deserves attention: agencies below their threshold, and those whose rate moved most."""

from typing import Literal, NamedTuple

from emc.registry import Registry
from portal.pages.measures import HEADLINE, REUSE, Measure, Rates
from sinks.prometheus.limits import Limits

_LEAST = 50
"""A move among fewer dossiers says little."""
_MOVE = 0.1
_MOST_EACH = 6
_DAYS_MOVE = 0.001
"""What moved less within a day is not told."""


class Attention(NamedTuple):
    """One agency to look at. `by`: how far below the threshold, or how far the rate moved, as a share."""

    agency: str
    measure: Measure
    why: Literal["below", "fell", "rose"]
    share: float
    numerator: int
    denominator: int
    by: float
    threshold: float | None = None


def attention(registry: Registry, now: Rates, before: Rates, limits: Limits | None) -> list[Attention]:
    """Those below their threshold, the furthest first; then the greatest moves."""
    below, moved = [], []
    for code in sorted(registry.agencies):
        if (found := _below(code, now, limits)) is not None:
            below.append(found)
        moved += [move for measure in HEADLINE if (move := _moved(code, measure, now, before)) is not None]
    below.sort(key=lambda one: (-one.by, -one.denominator))
    moved.sort(key=lambda one: -one.by)
    return below[:_MOST_EACH] + moved[:_MOST_EACH]


def movers(registry: Registry, now: Rates, yesterday: Rates) -> list[Attention]:
    """The agencies whose rates moved most since what was shown a day ago."""
    found = [
        move
        for code in sorted(registry.agencies)
        for measure in HEADLINE
        if (move := _moved(code, measure, now, yesterday, _DAYS_MOVE)) is not None
    ]
    return sorted(found, key=lambda one: -one.by)[:_MOST_EACH]


def _below(code: str, now: Rates, limits: Limits | None) -> Attention | None:
    rate = now.of(REUSE, code)
    limit = None if limits is None else limits.of_agency(REUSE.metric, code)
    if rate is None or limit is None or rate["denominator"] < limit.minimum or rate["rate"] is None:
        return None
    if rate["rate"] >= limit.threshold:
        return None
    short = limit.threshold - rate["rate"]
    counts = (rate["numerator"], rate["denominator"])
    return Attention(code, REUSE, "below", rate["rate"], *counts, short, limit.threshold)


def _moved(code: str, measure: Measure, now: Rates, before: Rates, least: float = _MOVE) -> Attention | None:
    rate, earlier = now.of(measure, code), before.of(measure, code)
    if rate is None or earlier is None or min(rate["denominator"], earlier["denominator"]) < _LEAST:
        return None
    by = rate["rate"] - earlier["rate"]
    if abs(by) < least:
        return None
    counts = (rate["numerator"], rate["denominator"])
    return Attention(code, measure, "rose" if by > 0 else "fell", rate["rate"], *counts, abs(by))
