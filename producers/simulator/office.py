"""One agency in the play: it invents the dossiers that add up to its day plans."""

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple, Self

from emc.instants import HOUR
from producers.simulator.catalogue import Catalogue, make_catalogue
from producers.simulator.components import ComponentLists
from producers.simulator.days import DayPlan
from producers.simulator.dossier import Dossier, Fate, Times, month_times
from producers.simulator.hours import midnight
from producers.simulator.lifecycle import Life
from producers.simulator.plan import AgencyPlan, Plan
from producers.simulator.systems import SourceSystem

_STRANGE = 0.01  # dossiers on a procedure that is not in the catalogue
_UNCOUNTED = 0.025  # dossiers beside the counted ones, of those received
_EXTRA_FATES = (Fate.MISTAKEN, Fate.TURNED_AWAY, Fate.PENDING)
_EXTRA_WEIGHTS = (40, 45, 15)
# What becomes of the dossiers that are not resolved in the month, received before it and in it.
_OTHER_FATES = (Fate.OPEN, Fate.WITHDRAWN, Fate.STOPPED, Fate.REFUSED, Fate.EARLY, Fate.LATER)
_BEFORE_WEIGHTS = (30, 7, 3, 6, 54, 0)
_WITHIN_WEIGHTS = (62, 7, 3, 8, 0, 20)
_SILENT_WEIGHTS = (82, 7, 3, 8, 0, 0)


_ALSO_ELECTRONIC = frozenset({Fate.EARLY, Fate.LATER, Fate.PLAIN})  # in no calibrated count


class Kind(NamedTuple):
    """What a dossier counts as."""

    fate: Fate
    online: bool
    reused: bool
    electronic: bool


class Shares(NamedTuple):
    """What is no figure of the plan: shares by which facts of the agency's dossiers are drawn."""

    on_time: float
    identified: float
    digitised: float
    paid: float

    @classmethod
    def of(cls, rng: Random) -> Self:
        """Those of one agency."""
        on_time, identified = rng.betavariate(9, 1.2), rng.betavariate(3, 2)
        return cls(on_time, identified, rng.betavariate(2, 2.5), rng.betavariate(2, 2))


class Office:
    """The dossiers, catalogue and source system of one agency of the plan."""

    def __init__(self, plan: Plan, agency: AgencyPlan) -> None:
        rng = plan.rng(agency.code, "office")
        self.agency = agency
        self.system = SourceSystem(agency.code, rng)
        self.catalogue: Catalogue = make_catalogue(
            agency.group, agency.procedures, agency.eligible, agency.full, rng
        )
        self.components = ComponentLists(rng)
        self.life = Life(self.system, self.components)
        self._plan = plan
        self._shares = Shares.of(rng)
        closing = midnight(plan.month.closing)
        self.until = closing if agency.silent_from is None else agency.silent_from - HOUR

    def dossiers(self, day: DayPlan, rng: Random) -> Iterator[Dossier]:
        """The dossiers received on a day, exactly as many of each kind as planned, and a few uncounted."""
        fates = self._fates(day, rng)
        order = rng.sample(range(day.received), day.received)
        online = _chosen(rng, day.received, day.online)
        reused = _chosen(rng, day.received, day.reused)
        for number, place in enumerate(order):
            kind = Kind(fates[place], online[place], reused[place], place < day.electronic)
            yield self._received(rng, day.day, number + 1, kind)
        for number in range(_binomial(rng, day.received, _UNCOUNTED)):
            fate = rng.choices(_EXTRA_FATES, _EXTRA_WEIGHTS)[0]
            kind = Kind(fate, rng.random() < 0.5, rng.random() < 0.1, False)
            yield self._received(rng, day.day, day.received + number + 1, kind)

    def _received(self, rng: Random, day: int, number: int, kind: Kind) -> Dossier:
        def times(limit: int, on_time: bool) -> Times:
            return month_times(rng, day, self._plan.month, self.until, kind.online, kind.fate, limit, on_time)

        return self.dossier(rng, day, number, kind, times)

    def _fates(self, day: DayPlan, rng: Random) -> list[Fate]:
        """Resolved ones first, the electronic ones of these at the very front."""
        others = day.received - day.resolved - day.plain
        weights = _WITHIN_WEIGHTS if self.agency.silent_from is None else _SILENT_WEIGHTS
        if day.day < self._plan.month.first:
            weights = _BEFORE_WEIGHTS
        drawn = rng.choices(_OTHER_FATES, weights, k=others)
        return [Fate.RESOLVED] * day.resolved + [Fate.PLAIN] * day.plain + drawn

    def dossier(
        self, rng: Random, day: int, number: int, kind: Kind, times: Callable[[int, bool], Times]
    ) -> Dossier:
        """A dossier of a kind, the `number`th of a day. `times` gives its instants from the working days
        that its procedure allows and whether it is to be on time.
        """
        unit = rng.choice(self.system.units)
        required = kind.fate is not Fate.PLAIN and (kind.fate is Fate.RESOLVED or rng.random() < 0.93)
        procedure = self.catalogue.draw(rng, required, kind.online)
        strange = required and rng.random() < _STRANGE
        fee_due = procedure.fee_bearing and rng.random() < 0.9
        return Dossier(
            self.system.dossier_code(unit, day, number),
            kind.fate,
            f"9.{number % 1000:06d}" if strange else procedure.code,
            unit,
            kind.online,
            kind.reused,
            kind.electronic or (kind.fate in _ALSO_ELECTRONIC and rng.random() < 0.3),
            *times(procedure.limit, rng.random() < self._shares.on_time),
            fee_due=fee_due,
            paid_online=fee_due and rng.random() < self._shares.paid * (1.0 if kind.online else 0.1),
            identified=rng.random() < self._shares.identified,
            digitised=rng.random() < self._shares.digitised,
        )


def _chosen(rng: Random, size: int, count: int) -> list[bool]:
    flags = [True] * count + [False] * (size - count)
    rng.shuffle(flags)
    return flags


def _binomial(rng: Random, size: int, probability: float) -> int:
    return sum(rng.random() < probability for _ in range(size))
