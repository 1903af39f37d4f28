"""The counts of an agency's plan, spread over the days on which the dossiers are received."""

from random import Random

import msgspec

from producers.simulator.hours import day_weight
from producers.simulator.plan import AgencyPlan, Plan
from producers.simulator.spread import apportion

_HALF_WAY = 6  # days after receipt by which about half of the dossiers are resolved
_PLAIN = 0.07  # resolved in the month, no result required


class DayPlan(msgspec.Struct, frozen=True):
    """Dossiers received on one day, by what becomes of them.

    Of `received`, `online` come online and `reused` have a reused component; `resolved` are resolved in the
    month with a required result, `electronic` of them electronically; `plain` are resolved in the month
    without a required result. The others stay open, or end in a way that counts in no rate by resolution.
    """

    day: int
    received: int
    online: int
    reused: int
    resolved: int
    electronic: int
    plain: int


def day_plans(plan: Plan, agency: AgencyPlan) -> dict[int, DayPlan]:
    """The day plans of an agency; they sum to its plan. Nothing is received once it is silent."""
    rng = plan.rng(agency.code, "days")
    month = plan.month
    before = list(range(month.opening, month.first))
    within = list(range(month.first, month.last + 1))
    if agency.silent_from is not None:
        within = within[: (month.last - month.first) // 2 - 1]
    carried = apportion(agency.carried, [_busy(rng, day) for day in before])
    received = apportion(agency.received, [_busy(rng, day) for day in within])
    sizes = carried + received
    resolved = apportion(
        agency.resolved,
        [size * _done(day, before + within) for day, size in zip(before + within, sizes, strict=True)],
        sizes,
    )
    electronic = apportion(agency.electronic, _uneven(rng, resolved), resolved)
    online = _both(rng, agency.online, carried, received)
    reused = _both(rng, agency.reused, carried, received)
    plain = [
        min(size - done, round(size * _PLAIN + rng.random() - 0.5))
        for size, done in zip(sizes, resolved, strict=True)
    ]
    return {
        row[0]: DayPlan(*row)
        for row in zip(before + within, sizes, online, reused, resolved, electronic, plain, strict=True)
    }


def _busy(rng: Random, day: int) -> float:
    return day_weight(day) * rng.uniform(0.8, 1.2)


def _done(day: int, days: list[int]) -> float:
    """The share of a day's dossiers that is resolved by the last of the days."""
    left = days[-1] - day
    return (left + 0.1) / (left + _HALF_WAY)


def _uneven(rng: Random, sizes: list[int]) -> list[float]:
    return [size * rng.uniform(0.7, 1.3) for size in sizes]


def _both(rng: Random, count: int, carried: list[int], received: list[int]) -> list[int]:
    """A count of the month spread over its days, and as great a share of the days before it."""
    earlier = int(sum(carried) * count / max(sum(received), 1) + rng.random())
    return apportion(min(earlier, sum(carried)), _uneven(rng, carried), carried) + apportion(
        count, _uneven(rng, received), received
    )
