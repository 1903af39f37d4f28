"""The plan of a simulated month: how many dossiers each agency handles, and how many count in each rate.

The counts are decided first, so that the rates of the groups round to the published figures; the play then
invents dossiers that add up to exactly these counts.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from random import Random

import msgspec

from emc.registry import Agency, Registry
from producers.simulator.figures import TARGETS, Share, denominator_for, numerator_for, total
from producers.simulator.hours import Month, midnight
from producers.simulator.spread import apportion, lean

_GROUP_OF_KIND = {"ministry": "ministries", "locality": "localities"}
_RECEIVED = {"ministries": 11_000, "localities": 39_000}  # at scale 1
_FEWEST = 400  # a group below it cannot have every published rate
_RESOLVED = 0.74  # resolved with a required result, of the received
_TAIL = {"ministries": 1.1, "localities": 0.7}  # deviation of the logarithm of an agency's size
_BIGGEST = {"H26": 8.0, "H29": 9.0}  # Hà Nội and Thành phố Hồ Chí Minh
_WITHOUT_DECLARATION = 4


class AgencyPlan(msgspec.Struct, frozen=True):
    """What one agency does in the month, in final counts.

    `received`, `online`, `reused`: dossiers received in the month and not removed, those of channel online,
    those with a reused component. `resolved`, `electronic`: dossiers resolved in the month whose result is
    required, those with an electronic result. `carried`: dossiers received in the days before the month.
    `procedures`, `eligible`, `full`: the catalogue on the last day. `declared`: declared divided by counted,
    None for an agency that declares nothing. `silent_from`: the instant after which it sends nothing.
    """

    code: str
    group: str
    received: int
    carried: int
    online: int
    reused: int
    resolved: int
    electronic: int
    procedures: int
    eligible: int
    full: int
    declared: float | None
    silent_from: int | None = None

    def share(self, metric: str) -> Share:
        """Numerator and denominator of a calibrated metric for this agency and the month."""
        if metric == "online_submission":
            return Share(self.online, self.received)
        if metric == "full_online_supply":
            return Share(self.full, self.eligible)
        if metric == "electronic_result":
            return Share(self.electronic, self.resolved)
        if metric == "data_reuse":
            return Share(self.reused, self.received)
        raise KeyError(metric)


class Plan(msgspec.Struct, frozen=True):
    """A seeded month of all agencies. Expected rates: `share` and `group_share`."""

    seed: int
    scale: float
    month: Month
    agencies: tuple[AgencyPlan, ...]

    def share(self, metric: str, agency: str) -> Share:
        """The exact counts of an agency's rate (default definition) for the month after the play."""
        return next(plan for plan in self.agencies if plan.code == agency).share(metric)

    def group_share(self, metric: str, group: str) -> Share:
        """The exact counts of the rate of `ministries`, `localities` or `national`."""
        return total(plan.share(metric) for plan in self.agencies if group in (plan.group, "national"))

    def rng(self, *parts: object) -> Random:
        """A stream of random numbers of its own for each part of the play."""
        return Random(":".join(map(str, (self.seed, *parts))))

    @property
    def dossiers(self) -> int:
        """Dossiers that end as received, in the month or in the days before it."""
        return sum(plan.received + plan.carried for plan in self.agencies)


def make_plan(registry: Registry, seed: int = 0, scale: float = 1.0, month: date = date(2024, 3, 1)) -> Plan:
    """Plans a month for the agencies of the registry that are open in it.

    `scale` multiplies the number of dossiers (50 000 at 1), not the catalogues (about 3 500 entries). Any
    positive number will do; below 0.04 a group keeps the 400 dossiers that its published rates need.
    ValueError for another scale or a month that does not begin on its first day.
    """
    if not 0 < scale < math.inf:
        raise ValueError(f"scale: {scale} is not a positive number")
    days = Month.of(month)
    agencies = [agency for agency in registry.agencies.values() if (agency.valid_to or date.max) >= month]
    plans: list[AgencyPlan] = []
    for kind, group in _GROUP_OF_KIND.items():
        members = sorted((a for a in agencies if a.kind == kind), key=lambda agency: agency.code)
        if members:
            plans += _plan_group(Random(f"{seed}:plan:{group}"), group, members, scale, days)
    return Plan(seed, scale, days, tuple(plans))


def _plan_group(
    rng: Random, group: str, members: Sequence[Agency], scale: float, month: Month
) -> list[AgencyPlan]:
    percents = {metric: figures[group] for metric, figures in TARGETS.items()}
    received, carried = _sizes(rng, group, members, scale, percents)
    online = _lean(rng, received, percents["online_submission"], 1.1)
    reused = _lean(rng, received, percents["data_reuse"], 1.0, low=0.0)
    resolved = _resolved(rng, received, carried, percents["electronic_result"])
    electronic = _lean(rng, resolved, percents["electronic_result"], 1.1)
    procedures, eligible = _catalogue_sizes(rng, members, percents["full_online_supply"])
    full = _lean(rng, eligible, percents["full_online_supply"], 0.9)
    declared = _declared(rng, members)
    plans = [
        AgencyPlan(agency.code, group, *counts)
        for agency, *counts in zip(
            members, received, carried, online, reused, resolved, electronic,
            procedures, eligible, full, declared, strict=True,
        )
    ]  # fmt: skip
    return _silence_median(plans, month)


def _sizes(
    rng: Random, group: str, members: Sequence[Agency], scale: float, percents: dict[str, str]
) -> tuple[list[int], list[int]]:
    """Dossiers received in the month and in the days before it: a heavy tail, at least one an agency."""
    wanted = max(round(_RECEIVED[group] * scale), _FEWEST)
    received = denominator_for(wanted, percents["online_submission"], percents["data_reuse"])
    weights = [rng.lognormvariate(0.0, _TAIL[group]) * _BIGGEST.get(a.code, 1.0) for a in members]
    sizes = [1 + more for more in apportion(received - len(members), weights)]
    return sizes, [round(size * rng.uniform(0.07, 0.12)) for size in sizes]


def _lean(rng: Random, sizes: Sequence[int], percent: str, spread: float, low: float = 0.05) -> list[int]:
    """Numerators that sum to the one whose rate rounds to `percent`, agencies differing up to 95 %."""
    numerator = numerator_for(sum(sizes), percent)
    if numerator is None:
        raise ValueError(f"no numerator over {sum(sizes)} rounds to {percent} percent")
    return lean(rng, sizes, numerator, spread, low, 0.95)


def _resolved(rng: Random, received: Sequence[int], carried: Sequence[int], percent: str) -> list[int]:
    rooms = [here + before for here, before in zip(received, carried, strict=True)]
    wanted = denominator_for(round(sum(received) * _RESOLVED), percent)
    return apportion(wanted, [room * rng.uniform(0.8, 1.1) for room in rooms], rooms)


def _catalogue_sizes(rng: Random, members: Sequence[Agency], percent: str) -> tuple[list[int], list[int]]:
    """Entries of each catalogue, and how many of them are eligible: two remain that are not."""
    procedures = [rng.randint(20, 60) for _ in members]
    rooms = [count - 2 for count in procedures]
    wanted = denominator_for(round(sum(procedures) * 0.6), percent)
    return procedures, apportion(wanted, [room * rng.uniform(0.7, 1.3) for room in rooms], rooms)


def _declared(rng: Random, members: Iterable[Agency]) -> list[float | None]:
    """Declared divided by counted. Who was not fully connected in April 2024 declares far more."""
    factors: list[float | None] = [
        1 / rng.uniform(0.4, 0.85) if agency.emc_connection_2024_04 == "not-full" else rng.uniform(0.98, 1.05)
        for agency in members
    ]
    quiet = max(1, len(factors) * _WITHOUT_DECLARATION // 85)
    for place in rng.sample(range(len(factors)), min(quiet, len(factors))):
        factors[place] = None
    return factors


def _silence_median(plans: list[AgencyPlan], month: Month) -> list[AgencyPlan]:
    """The agency of median size falls silent in the middle of the month."""
    chosen = sorted(plans, key=lambda plan: plan.received)[len(plans) // 2]
    silent_from = midnight(month.first + 15)
    return [
        msgspec.structs.replace(plan, silent_from=silent_from) if plan is chosen else plan for plan in plans
    ]
