"""The play of a month: every message of every agency, in the order in which they are sent."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from operator import attrgetter
from random import Random

import msgspec

from emc.instants import day_of
from emc.registry import Registry
from producers.simulator import faults
from producers.simulator.catalogue import catalogue_messages
from producers.simulator.days import DayPlan, day_plans
from producers.simulator.disorder import CORRECTED, correct, delay, with_repeats
from producers.simulator.dossier import FINISHED, NEVER_RECEIVED, Dossier, Fate
from producers.simulator.due import Due
from producers.simulator.hours import midnight
from producers.simulator.lifecycle import Change
from producers.simulator.message import Message
from producers.simulator.oddities import Oddities, change_history
from producers.simulator.office import Office
from producers.simulator.plan import Plan, make_plan
from producers.simulator.reports import declarations, heartbeats

_sent_at = attrgetter("sent_at")
_AHEAD = 3  # a dossier's first event may be sent so many days before its day of receipt


def simulate(
    registry: Registry, seed: int = 0, scale: float = 1.0, month: date = date(2024, 3, 1)
) -> Iterator[Message]:
    """The messages of a simulated month, about 300 000 at scale 1: the same seed gives the same bytes.

    They come in the order of sending, which is nearly the order of the events' times. ValueError as
    `make_plan`.
    """
    return play(make_plan(registry, seed, scale, month))


def play(plan: Plan) -> Iterator[Message]:
    """The messages of a plan. After the last one the rates of the month are those that the plan tells.

    Only a day's messages are held; those that are due later wait in a temporary file.
    """
    stage = _Stage(plan)
    for day in range(plan.month.opening - _AHEAD, plan.month.closing + 2):
        stage.prepare(day + _AHEAD)
        yield from stage.take(day)


class _Stage:
    """Prepares the dossiers of a day of receipt, and keeps their messages until the day of sending."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._offices = [Office(plan, agency) for agency in plan.agencies]
        self._days = [day_plans(plan, agency) for agency in plan.agencies]
        self._foreign = {office.agency.code: self._foreigner(office) for office in self._offices}
        self._faults = faults.Faults(plan.rng("faults"))
        self._oddities = Oddities(plan.month, plan.rng("oddities"))
        self._received: Counter[tuple[str, int]] = Counter()
        self._resolved: Counter[tuple[str, int]] = Counter()
        self._due = Due()
        for office in self._offices:
            self._publish(office)

    def _foreigner(self, office: Office) -> Office:
        """An agency of the other group: one that may never speak for this one, as a successor could."""
        others = [other for other in self._offices if other.agency.group != office.agency.group]
        return others[len(office.agency.code) % len(others)] if others else self._offices[0]

    def _publish(self, office: Office) -> None:
        rng = self._plan.rng(office.agency.code, "catalogue")
        entries = catalogue_messages(office.catalogue, office.system, self._plan.month, rng)
        for message in with_repeats(entries, rng):
            self._put(message, office)

    def prepare(self, day: int) -> None:
        """Adds the messages of all dossiers received on `day`, of its heartbeats and declarations."""
        for office, days in zip(self._offices, self._days, strict=True):
            rng = self._plan.rng(office.agency.code, day)
            if day in days:
                self._receive(office, days[day], rng)
            if self._plan.month.opening <= day <= self._plan.month.closing:
                self._report(office, day, rng)

    def _receive(self, office: Office, day: DayPlan, rng: Random) -> None:
        for dossier in office.dossiers(day, rng):
            oddity = self._oddities.choose(dossier, office.system)
            changes = office.life.changes(dossier, rng)
            if oddity is not None:
                change_history(changes, oddity, office.system)
            elif rng.random() < CORRECTED:
                correct(changes, dossier, office.system, office.components, rng)
            self._tell(office, dossier, changes, rng)
            self._count(office.agency.code, dossier)

    def _tell(self, office: Office, dossier: Dossier, changes: list[Change], rng: Random) -> None:
        """The changes as messages: delayed, a few repeated, a few accompanied by a broken one."""
        system = office.system
        for place, (time, fields, step) in enumerate(changes):
            value = system.dossier(dossier.code, place if step is None else step, time, fields)
            message = Message(time + delay(rng), system.key, value)
            self._send(message, office, rng)
            if rng.random() < faults.SHARE:
                other = self._foreign[office.agency.code].system
                broken = self._faults.make(system, dossier.code, time, message.sent_at, fields, other)
                self._put(broken, office)

    def _report(self, office: Office, day: int, rng: Random) -> None:
        code, factor = office.agency.code, office.agency.declared
        for message in heartbeats(office.system, day, office.until, rng):
            self._put(message, office)
        counted = {
            "received": self._received.pop((code, day), 0),
            "resolved": self._resolved.pop((code, day), 0),
        }
        if day > self._plan.month.last:  # what is received then is no part of the play
            del counted["received"]
        if factor is not None and midnight(day + 2) <= office.until:
            for message in declarations(office.system, day, counted, factor, rng):
                self._send(message, office, rng)

    def _count(self, code: str, dossier: Dossier) -> None:
        """Keeps what the agency is to declare: what counts in the end."""
        if dossier.fate in NEVER_RECEIVED or dossier.fate is Fate.MISTAKEN:
            return
        self._received[code, day_of(dossier.received)] += 1
        if dossier.fate in FINISHED and dossier.resolved is not None:
            self._resolved[code, day_of(dossier.resolved)] += 1

    def _send(self, message: Message, office: Office, rng: Random) -> None:
        for each in with_repeats([message], rng):
            self._put(each, office)

    def _put(self, message: Message, office: Office) -> None:
        """Keeps a message until its day; nothing is sent once the play or the agency's system has ended."""
        last = office.agency.silent_from or midnight(self._plan.month.closing + 1)
        if message.sent_at > last:
            message = msgspec.structs.replace(message, sent_at=last)
        self._due.add(day_of(message.sent_at), message)

    def take(self, day: int) -> list[Message]:
        """The messages sent on a day, in order."""
        return sorted(self._due.take(day), key=_sent_at)
