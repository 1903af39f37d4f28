"""One agency in the play: it invents the dossiers that add up to its day plans."""

from collections.abc import Iterator
from random import Random

from emc.instants import HOUR
from producers.simulator.catalogue import Catalogue, make_catalogue
from producers.simulator.components import ComponentLists
from producers.simulator.days import DayPlan
from producers.simulator.dossier import Dossier, Fate, due_date, resolution, submission
from producers.simulator.hours import midnight, office_time
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
        self._on_time, self._identified = rng.betavariate(9, 1.2), rng.betavariate(3, 2)
        self._digitised, self._paid = rng.betavariate(2, 2.5), rng.betavariate(2, 2)
        closing = midnight(plan.month.closing)
        self.until = closing if agency.silent_from is None else agency.silent_from - HOUR

    def dossiers(self, day: DayPlan, rng: Random) -> Iterator[Dossier]:
        """The dossiers received on a day, exactly as many of each kind as planned, and a few uncounted."""
        fates = self._fates(day, rng)
        order = list(range(day.received))
        rng.shuffle(order)
        online = _chosen(rng, day.received, day.online)
        reused = _chosen(rng, day.received, day.reused)
        for number, place in enumerate(order, start=1):
            electronic = place < day.electronic
            yield self._dossier(rng, day.day, number, fates[place], online[place], reused[place], electronic)
        for number in range(day.received + 1, day.received + 1 + _binomial(rng, day.received, _UNCOUNTED)):
            fate = rng.choices(_EXTRA_FATES, _EXTRA_WEIGHTS)[0]
            yield self._dossier(rng, day.day, number, fate, rng.random() < 0.5, rng.random() < 0.1, False)

    def _fates(self, day: DayPlan, rng: Random) -> list[Fate]:
        """Resolved ones first, the electronic ones of these at the very front."""
        others = day.received - day.resolved - day.plain
        weights = _WITHIN_WEIGHTS if self.agency.silent_from is None else _SILENT_WEIGHTS
        if day.day < self._plan.month.first:
            weights = _BEFORE_WEIGHTS
        drawn = rng.choices(_OTHER_FATES, weights, k=others)
        return [Fate.RESOLVED] * day.resolved + [Fate.PLAIN] * day.plain + drawn

    def _dossier(
        self, rng: Random, day: int, number: int, fate: Fate, online: bool, reused: bool, electronic: bool
    ) -> Dossier:
        unit = rng.choice(self.system.units)
        required = fate is not Fate.PLAIN and (fate is Fate.RESOLVED or rng.random() < 0.93)
        procedure = self.catalogue.draw(rng, required, online)
        received = office_time(rng, day)
        resolved = resolution(rng, fate, received, procedure.limit, self._plan.month, self.until)
        on_time = rng.random() < self._on_time
        fee_due = procedure.fee_bearing and rng.random() < 0.9
        strange = required and rng.random() < _STRANGE
        return Dossier(
            code=self.system.dossier_code(unit, day, number),
            fate=fate,
            procedure=f"9.{number % 1000:06d}" if strange else procedure.code,
            unit=unit,
            online=online,
            reused=reused,
            electronic=electronic or (fate in (Fate.EARLY, Fate.LATER, Fate.PLAIN) and rng.random() < 0.3),
            submitted=submission(rng, received, online),
            received=received,
            due=due_date(rng, received, procedure.limit, resolved, on_time),
            resolved=resolved,
            until=self.until,
            fee_due=fee_due,
            paid_online=fee_due and rng.random() < (self._paid if online else 0.1 * self._paid),
            identified=rng.random() < self._identified,
            digitised=rng.random() < self._digitised,
        )


def _chosen(rng: Random, size: int, count: int) -> list[bool]:
    flags = [True] * count + [False] * (size - count)
    rng.shuffle(flags)
    return flags


def _binomial(rng: Random, size: int, probability: float) -> int:
    return sum(rng.random() < probability for _ in range(size))
