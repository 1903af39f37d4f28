"""A live stream: dossiers of today, at a steady rate, without end."""

import heapq
import time
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import accumulate, count
from random import Random

import msgspec

from emc.instants import HOUR, SECOND, date_of_day, day_of, now_us
from emc.registry import Registry
from producers.simulator.catalogue import catalogue_messages
from producers.simulator.disorder import CORRECTED, REPEATED, correct, with_repeats
from producers.simulator.dossier import FINISHED, Dossier, Fate, Times
from producers.simulator.faults import SHARE, Faults
from producers.simulator.hours import midnight
from producers.simulator.lifecycle import Change
from producers.simulator.message import Message
from producers.simulator.office import Kind, Office
from producers.simulator.plan import Plan, make_plan
from producers.simulator.reports import declarations

_MINUTE = 60 * SECOND
_BEAT = 5 * _MINUTE
_ATTENTION = 90 * _MINUTE  # after that, nothing more is told of a dossier
_FATES = (Fate.RESOLVED, Fate.PLAIN, Fate.OPEN, Fate.WITHDRAWN, Fate.STOPPED, Fate.REFUSED, Fate.TURNED_AWAY)
_WEIGHTS = (74, 7, 10, 3, 1, 2, 3)
_REPEATED_WITHIN = 2 * _MINUTE


def live(
    registry: Registry,
    seed: int = 0,
    rate: float = 50.0,
    start: int | None = None,
    month: date = date(2024, 3, 1),
    with_catalogues: bool = False,
) -> Iterator[Message]:
    """Messages without end, one every 1/`rate` seconds from the instant `start` (µs, default now) on.

    Nothing waits here: `sent_at` says when a message is to be sent (`paced` waits for it), and no event is
    dated later. Agencies whose code is closed on the day of `start` send nothing. Agencies, catalogues and
    rates are those of `make_plan(registry, seed, month=month)`; `with_catalogues` sends the catalogues
    first, with the ids and times of that month's play, so that sending them again changes nothing.

    No id is ever used twice, also after a restart: a dossier's number is the microsecond of the day at which
    it is begun, and ids derive from its code. Nothing has to be kept for that; only a clock set back, or
    two streams at once, could meet the same microsecond of one agency again. Dossiers that are under way
    when the stream ends stay open. ValueError when the rate is not above 0 or no agency is open.
    """
    if not rate > 0:
        raise ValueError(f"rate: {rate} is not above 0")
    begin = now_us() if start is None else start
    stream = _Stream(make_plan(registry, seed, month=month), registry, begin)
    return _messages(stream, begin, rate, with_catalogues)


def _messages(stream: "_Stream", start: int, rate: float, with_catalogues: bool) -> Iterator[Message]:
    if with_catalogues:
        yield from stream.catalogues(start)
    for place in count():
        yield stream.next(start + int(place * SECOND / rate))


def paced(
    messages: Iterable[Message],
    now: Callable[[], int] = now_us,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Message]:
    """The messages, each not before its `sent_at`. Who is late gets the next ones without a pause."""
    for message in messages:
        if (wait := message.sent_at - now()) > 0:
            sleep(wait / SECOND)
        yield message


class _Day:
    """The day that it is, and how many dossiers each agency has on it and on later ones."""

    def __init__(self, day: int) -> None:
        self.day, self.is_whole = day, False
        self._received: Counter[tuple[str, int]] = Counter()
        self._resolved: Counter[tuple[str, int]] = Counter()

    def count(self, code: str, dossier: Dossier) -> None:
        """Counts a dossier on the days on which it is received and resolved."""
        if dossier.fate is not Fate.TURNED_AWAY:
            self._received[code, day_of(dossier.received)] += 1
        if dossier.fate in FINISHED and dossier.resolved is not None:
            self._resolved[code, day_of(dossier.resolved)] += 1

    def counted(self, code: str) -> dict[str, int]:
        """What an agency will declare of the day."""
        return {"received": self._received[code, self.day], "resolved": self._resolved[code, self.day]}

    def turn(self, today: int) -> None:
        """Goes on to another day, which is whole when it follows."""
        for counts in (self._received, self._resolved):
            for place in [place for place in counts if place[1] < today]:
                del counts[place]
        self.day, self.is_whole = today, today == self.day + 1


class _Stream:
    """The dossiers under way and the messages that are still to come."""

    def __init__(self, plan: Plan, registry: Registry, start: int) -> None:
        today = date_of_day(day_of(start))
        self._plan = plan
        self._rng = plan.rng("live", start)
        self._offices = [
            Office(plan, agency)
            for agency in plan.agencies
            if (registry.agencies[agency.code].valid_to or date.max) >= today
        ]
        if not self._offices:
            raise ValueError(f"agencies: none is open on {today}")
        self._sums = list(accumulate(office.agency.received for office in self._offices))
        self._faults = Faults(self._rng)
        self._waiting: list[tuple[int, int, Message | Office]] = []  # an office: its next heartbeat
        self._order = count()
        self._today, self._number = _Day(day_of(start)), 0
        for office in self._offices:
            self._wait(start + int(self._rng.random() * _BEAT), office)

    def catalogues(self, sent_at: int) -> Iterator[Message]:
        """The catalogues of the open agencies, word for word those of the month, all sent at once."""
        for office in self._offices:
            rng = self._plan.rng(office.agency.code, "catalogue")
            entries = catalogue_messages(office.catalogue, office.system, self._plan.month, rng)
            for message in with_repeats(entries, rng):  # the draws for repeats are among the entries' own
                yield msgspec.structs.replace(message, sent_at=sent_at)

    def next(self, now: int) -> Message:
        """What is sent at the instant `now`: what is due longest, otherwise the begin of a new dossier."""
        if day_of(now) != self._today.day:
            self._turn_day(day_of(now))
        while not self._waiting or self._waiting[0][0] > now:
            self._begin(self._offices[bisect(self._sums, self._rng.random() * self._sums[-1])], now)
        _, _, due = heapq.heappop(self._waiting)
        if isinstance(due, Office):
            self._wait(now + _BEAT, due)
            return Message(now, due.system.key, due.system.heartbeat(now))
        return msgspec.structs.replace(due, sent_at=now)

    def _wait(self, until: int, due: Message | Office) -> None:
        heapq.heappush(self._waiting, (until, next(self._order), due))

    def _begin(self, office: Office, now: int) -> None:
        """Begins a dossier: its first message is due now, the others within the next minutes."""
        rng = self._rng
        self._number = max(now - midnight(self._today.day), self._number + 1)
        kind = _kind(office, rng)
        day, number = self._today.day, self._number
        dossier = office.dossier(
            rng, day, number, kind, lambda limit, on_time: _times(rng, now, kind, limit, on_time)
        )
        changes = office.life.changes(dossier, rng)
        if rng.random() < CORRECTED:
            correct(changes, dossier, office.system, office.components, rng)
        for place, change in enumerate(changes):
            self._tell(office, dossier, place, change, now)
        self._today.count(office.agency.code, dossier)

    def _tell(self, office: Office, dossier: Dossier, place: int, change: Change, now: int) -> None:
        """One change as a message, perhaps repeated or with a broken one beside it."""
        rng, system = self._rng, office.system
        due = max(change.time, now) + (_delay(rng) if place else 0)
        message = Message(due, system.key, system.dossier(dossier.code, place, change.time, change.fields))
        self._wait(due, message)
        if rng.random() < REPEATED:
            self._wait(due + int(rng.random() * _REPEATED_WITHIN), message)
        if rng.random() < SHARE:
            other = next((o for o in self._offices if o.agency.group != office.agency.group), office)
            broken = self._faults.make(system, dossier.code, change.time, due, change.fields, other.system)
            self._wait(due, broken)

    def _turn_day(self, today: int) -> None:
        """At midnight: the agencies will declare the day that ends, if all of it was seen."""
        ended = self._today
        for office in self._offices if ended.is_whole else ():
            counted, factor = ended.counted(office.agency.code), office.agency.declared
            if factor is not None:
                for message in declarations(office.system, ended.day, counted, factor, self._rng):
                    self._wait(message.sent_at, message)
        ended.turn(today)
        self._number = 0


def _kind(office: Office, rng: Random) -> Kind:
    """What a new dossier counts as, as often as in the agency's plan for the month."""
    agency = office.agency
    fate = rng.choices(_FATES, _WEIGHTS)[0]
    return Kind(
        fate,
        rng.random() * agency.received < agency.online,
        rng.random() * agency.received < agency.reused,
        fate is Fate.RESOLVED and rng.random() * agency.resolved < agency.electronic,
    )


def _times(rng: Random, now: int, kind: Kind, limit: int, on_time: bool) -> Times:
    """Days pass in minutes: submitted and told of by `now`, resolved within some minutes.

    A dossier is received on the day in its code, that of `now`.
    """
    if kind.online:
        submitted = now - 61 * SECOND
        received = min(now + rng.randint(5, 40) * SECOND, midnight(day_of(now) + 1) - SECOND)
    else:
        received = max(now - 91 * SECOND, midnight(day_of(now)))
        submitted = received - rng.randint(3, 20) * _MINUTE
    resolved = None
    if kind.fate not in (Fate.OPEN, Fate.TURNED_AWAY):
        resolved = received + 20 * SECOND + min(int(rng.expovariate(1 / 180) * SECOND), _ATTENTION // 2)
    due = midnight(day_of(received) + limit) + 17 * HOUR
    if resolved is not None and not on_time:
        due = received + (resolved - received) // 2
    returned = resolved + rng.randint(1, 20) * _MINUTE if resolved is not None else None
    return Times(submitted, received, due, resolved, returned, received + _ATTENTION)


def _delay(rng: Random) -> int:
    """Mostly a few seconds, sometimes minutes: late and out of order."""
    return int(rng.random() * (5 * SECOND if rng.random() < 0.95 else 10 * _MINUTE))
