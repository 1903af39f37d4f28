"""The life of a dossier as the changes that its system reports, in order of time."""

from random import Random
from typing import NamedTuple

from emc.instants import DAY, HOUR, SECOND, day_of
from producers.simulator.components import ComponentLists
from producers.simulator.dossier import FINISHED, NEVER_RECEIVED, Dossier, Fate
from producers.simulator.hours import into_office_hours
from producers.simulator.systems import SourceSystem

_FINAL_STATUS = {Fate.WITHDRAWN: 7, Fate.STOPPED: 8, Fate.REFUSED: 3}


class Change(NamedTuple):
    """Some registers of a dossier set at an instant; `step` when it is not the place among the changes."""

    time: int
    fields: dict[str, object]
    step: int | None = None


class Life:
    """Tells the lives of one agency's dossiers.

    Every change sets only what it changes; the last writer of each register is its final fact, so the state
    at the end does not depend on the order in which the changes arrive.
    """

    def __init__(self, system: SourceSystem, components: ComponentLists) -> None:
        self._system = system
        self._components = components

    def changes(self, dossier: Dossier, rng: Random) -> list[Change]:
        """All changes of a dossier, at least a second apart."""
        told = self._submitted(dossier, rng)
        if dossier.fate not in NEVER_RECEIVED:
            self._received(dossier, told, rng)
            self._in_process(dossier, told, rng)
            self._ended(dossier, told, rng)
        return _in_order(told)

    def _submitted(self, dossier: Dossier, rng: Random) -> list[Change]:
        """The first change; a dossier that is never received ends with it or with a refusal."""
        fields = self._facts(dossier, rng)
        fields["status"] = 4 if dossier.fate is Fate.DATELESS else 1
        fields["submitted_at"] = self._system.instant(dossier.submitted)
        told = [Change(dossier.submitted + rng.randint(1, 60) * SECOND, fields)]
        if dossier.fate is Fate.TURNED_AWAY:
            told.append(Change(dossier.received, {"status": 3}))
        return told

    def _facts(self, dossier: Dossier, rng: Random) -> dict[str, object]:
        fields: dict[str, object] = {
            "unit": dossier.unit,
            "channel": _channel(dossier.online, rng),
            "components": self._components.draw(rng, dossier.reused, dossier.digitised),
            "identified": dossier.identified,
            "fee_due": dossier.fee_due,
        }
        if dossier.procedure is not None:
            fields["procedure"] = self._system.procedure(dossier.procedure)
        return fields

    def _received(self, dossier: Dossier, told: list[Change], rng: Random) -> None:
        """Receipt; at a counter mostly one change together with the submission."""
        fields = {
            "status": 2,
            "received_at": self._system.instant(dossier.received),
            "due_at": self._system.instant(dossier.due),
        }
        if dossier.online or rng.random() < 0.25:
            told.append(Change(dossier.received + rng.randint(1, 90) * SECOND, fields))
        else:
            time = dossier.received + rng.randint(1, 90) * SECOND
            told[0] = Change(time, told[0].fields | fields)

    def _in_process(self, dossier: Dossier, told: list[Change], rng: Random) -> None:
        """Processing, supplements and financial obligations between receipt and the end."""
        steps = [self._processing(dossier, told[0], rng)]
        if rng.random() < 0.12:
            steps += [{"status": 5}, {"status": 4, "due_at": self._system.instant(dossier.due)}]
        if dossier.paid_online:
            steps += [{"status": 6}, {"status": 4, "paid_online": True}]
        elif dossier.fee_due and rng.random() < 0.2:
            steps += [{"status": 6}, {"status": 4, "paid_online": rng.choice((False, None))}]
        if rng.random() < 0.3:
            steps.append({"status": 4, "unit": rng.choice(self._system.units)})
        end = dossier.resolved or min(dossier.received + rng.randint(2, 9) * DAY, dossier.until)
        span = max(end - dossier.received, 60 * SECOND) // SECOND
        times = [
            dossier.received + (100 + int(span * at)) * SECOND for at in sorted(rng.random() for _ in steps)
        ]
        if span * SECOND > DAY:
            times = [at if day_of(at) == day_of(dossier.received) else into_office_hours(at) for at in times]
        told += map(Change, times, steps)

    def _processing(self, dossier: Dossier, first: Change, rng: Random) -> dict[str, object]:
        """The first step; for some dossiers the papers are only digitised and looked up now."""
        fields: dict[str, object] = {"status": 4}
        if rng.random() < 0.3:
            fields["components"] = first.fields["components"]
            first.fields["components"] = self._components.draw(rng, False, False)
        return fields

    def _ended(self, dossier: Dossier, told: list[Change], rng: Random) -> None:
        if dossier.fate in FINISHED and dossier.resolved is not None:
            self._finished(dossier, dossier.resolved, told, rng)
        elif dossier.fate in _FINAL_STATUS:
            time = dossier.resolved or _later(told, rng.randint(1, 30), dossier)
            fields: dict[str, object] = {"status": _FINAL_STATUS[dossier.fate]}
            if dossier.resolved is not None:
                fields["resolved_at"] = self._system.instant(dossier.resolved)
            told.append(Change(time + SECOND, fields))
        elif dossier.fate is Fate.MISTAKEN:
            told.append(Change(_later(told, rng.randint(1, 20), dossier), {"removed": True}))
        elif rng.random() < 0.03:
            self._reopened(dossier, told, rng)

    def _finished(self, dossier: Dossier, resolved: int, told: list[Change], rng: Random) -> None:
        """Resolution, then the return of the result, unless nobody fetches it."""
        fields = {"status": 9, "resolved_at": self._system.instant(resolved)}
        if dossier.electronic or rng.random() < 0.8:
            fields["electronic_result"] = dossier.electronic
        if dossier.electronic:
            fields["result_signed"] = rng.random() < 0.8
        told.append(Change(resolved + rng.randint(1, 300) * SECOND, fields))
        if dossier.returned is not None:
            returned = self._system.instant(dossier.returned)
            told.append(Change(dossier.returned + SECOND, {"status": 10, "returned_at": returned}))

    def _reopened(self, dossier: Dossier, told: list[Change], rng: Random) -> None:
        """Finished by mistake: the date of resolution is set and then cleared."""
        time = _later(told, rng.randint(1, 5), dossier)
        told.append(Change(time, {"status": 9, "resolved_at": self._system.instant(time - SECOND)}))
        told.append(Change(time + HOUR // 4, {"status": 4, "resolved_at": None}))


def _channel(online: bool, rng: Random) -> str | None:
    if online:
        return "online"
    draw = rng.random()
    return "direct" if draw < 0.93 else "postal" if draw < 0.98 else None


def _later(told: list[Change], hours: int, dossier: Dossier) -> int:
    return min(told[-1].time + hours * HOUR, dossier.until)


def _in_order(told: list[Change]) -> list[Change]:
    """Moves a change that is not later than the one before it: time decides who writes last."""
    ordered = told[:1]
    for change in told[1:]:
        ordered.append(Change(max(change.time, ordered[-1].time + SECOND), change.fields))
    return ordered
