"""The oracle: feed it the topic's records, then ask for everything that should have come out."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from tests.oracle.calculation import Calculation, Cell, Place, Rate, as_row, rows_of, summed
from tests.oracle.facts import Catalogue, Event, Facts, Register, State, facts, registers, ties, values
from tests.oracle.fields import Fault
from tests.oracle.forms import SECOND, canonical, hanoi_day
from tests.oracle.judging import Accepted, Refused, agency_code, code_of_key, judge, source_code
from tests.oracle.messages import Malformed, Record, split
from tests.oracle.metrics import SUPPLY
from tests.oracle.registry import GROUPS, Registry
from tests.oracle.warnings import warnings_of

SUPPLIES = {metric for metric, _, _ in SUPPLY}
Subject = tuple[str, str]  # the subject, and `valid_from` for a procedure entry ('' otherwise)


class Rejection(NamedTuple):
    """A refused event or message; `faults` holds each (reason, path) that may rightly be given."""

    faults: frozenset[Fault]
    agency: str | None
    id: str | None
    partition: int
    offset: int
    place: int  # in the batch; −1 for the whole message
    rejected_ms: int

    @property
    def reason(self) -> str:
        """One of the reasons that may be given."""
        return min(self.faults)[0]


class Conflict(NamedTuple):
    """A full tie with different values; `winning`: it decides the final value, so any order shows it."""

    agency: str
    type: str
    subject: str
    field: str
    time: int
    id: str
    winning: bool


class Oracle:
    """Keeps every accepted event; computes everything from all of them.

    `delegated` of the `accepted` came from a source that the registry's delegations let speak.

    Args:
        agencies: rows with `code`, `kind`, `successor`.
        delegations: rows with `source`, `agency`.
        partitions: when given, records found in another partition than their key's are counted in
            `misplaced` and not judged there (their copies, sent on, are).
    """

    def __init__(
        self,
        agencies: list[dict[str, str]],
        partitions: int | None = None,
        delegations: list[dict[str, str]] | None = None,
    ) -> None:
        self.registry = Registry(agencies, delegations or ())
        self.partitions = partitions
        self.misplaced = 0
        self.accepted = self.delegated = 0
        self.rejections: list[Rejection] = []
        self.as_of: dict[str, int] = {}
        self.stored: Counter[str] = Counter()  # accepted events that carry data, by agency
        self.last_seen: dict[tuple[str, str], tuple[int, int]] = {}
        self._events: dict[tuple[str, str], dict[Subject, list[Event]]] = {}
        self._settled: dict[tuple[str, str], dict[Subject, dict[str, Register]]] = {}

    def feed(self, record: Record) -> None:
        """Judge one record's events and keep what is accepted."""
        if self.partitions and record.key and partition_of(record.key, self.partitions) != record.partition:
            self.misplaced += 1
            return
        self._settled.clear()
        try:
            events = split(record.value, record.headers)
        except Malformed as error:
            agency = agency_code(code_of_key(record.key))
            self._reject(record, error.index, Refused(frozenset({("malformed", "$")}), agency, None))
            return
        for index, event in enumerate(events):
            verdict = judge(event, record.key, record.arrived_ms * 1000, self.registry)
            if isinstance(verdict, Refused):
                self._reject(record, index, verdict)
            else:
                self._accept(record, verdict)

    def _reject(self, record: Record, index: int, refused: Refused) -> None:
        place = (record.partition, record.offset, index, record.arrived_ms)
        self.rejections.append(Rejection(refused.faults, refused.agency, refused.id, *place))

    def _accept(self, record: Record, event: Accepted) -> None:
        self.accepted += 1
        self.delegated += source_code({"source": event.source}) not in self.registry.chain(event.agency)
        seen = (event.agency, event.source)
        before = self.last_seen.get(seen, (0, 0))
        self.last_seen[seen] = (max(before[0], event.time), max(before[1], record.arrived_ms))
        if event.type == "heartbeat":
            return
        self.stored[event.agency] += 1
        self.as_of[event.agency] = max(self.as_of.get(event.agency, 0), event.time)
        subjects = self._events.setdefault((event.agency, event.type), {})
        kept = canonical([event.time, event.id, event.fields]).encode()
        subjects.setdefault((event.subject, event.valid_from), []).append(kept)

    def registers(self, agency: str, kind: str) -> dict[Subject, dict[str, Register]]:
        """Every register ever written, cleared ones included (value None): (time µs, id, value)."""
        if (agency, kind) not in self._settled:
            subjects = self._events.get((agency, kind), {})
            self._settled[agency, kind] = {subject: registers(events) for subject, events in subjects.items()}
        return self._settled[agency, kind]

    def states(self, agency: str, kind: str) -> dict[Subject, State]:
        """The set fields of every dossier, procedure entry or declaration."""
        return {subject: values(written) for subject, written in self.registers(agency, kind).items()}

    def facts(self, agency: str) -> dict[str, Facts]:
        """What each dossier counts under."""
        return {code: facts(state) for (code, _), state in self.states(agency, "dossier").items()}

    def calculation(self, agency: str, today: date) -> Calculation:
        """One agency's tallies and rates on a day."""
        declared = self.states(agency, "declaration")
        return Calculation(
            list(self.facts(agency).values()),
            self.states(agency, "procedure"),
            {date.fromisoformat(day): state for (day, _), state in declared.items()},
            self.as_of.get(agency, 0),
            today,
        )

    def tallies(self, agency: str) -> dict[Cell, int]:
        """The agency's cells: (procedure, attribution, day, signature) → dossiers, none of them 0."""
        return dict(self.calculation(agency, date.max).tallies())

    def rates(
        self,
        today: date,
        structure: str = "reported",
        counted_for: str = "code",
        window: tuple[str, date] | None = None,
    ) -> list[dict[str, Any]]:
        """Every rate of every agency and of the three groups, in the contract's form.

        `window`: those of a window (`last7` or `last28`, and its first day) instead of all other periods.
        """
        if counted_for == "settled":
            return list(self._settled_rows(today, structure, window))
        rates, as_of = self._agency_rates(today, window), dict(self.as_of)
        if structure == "current":
            rates, as_of = self._merged(rates), self._merged_times()
        rows = [row for code, part in rates.items() for row in rows_of(part, {"agency": code}, as_of[code])]
        for group in GROUPS:
            members = [code for code in rates if code in self.registry.members(group)]
            latest = max((as_of[code] for code in members), default=0)
            rows += rows_of(summed([rates[code] for code in members]), {"group": group}, latest)
        return rows

    def settled_parts(
        self, agency: str, today: date, window: tuple[str, date] | None = None
    ) -> dict[str, dict[Place, Rate]]:
        """What each level-1 agency, this one among them, settles of the dossiers coded with this one."""
        by_settler: dict[str, list[Facts]] = defaultdict(list)
        for one in self.facts(agency).values():
            by_settler[one.settler or agency].append(one)
        entries = self.states(agency, "procedure")
        return {
            settler: {
                place: rate
                for place, rate in numbers_of(Calculation(dossiers, entries, {}, 0, today), window).items()
                if rate.denominator and place[0] not in SUPPLIES
            }
            for settler, dossiers in by_settler.items()
        }

    def _settled_rows(
        self, today: date, structure: str, window: tuple[str, date] | None
    ) -> Iterator[dict[str, Any]]:
        """By who settles: every rate that exists by code, and every one with a dossier in its denominator."""
        by_code = self._agency_rates(today, window)
        times = dict(self.as_of) if structure == "reported" else self._merged_times()
        numbers: dict[str, dict[Place, Rate]] = defaultdict(dict)
        origins: dict[tuple[str, Place], set[str]] = defaultdict(set)
        for agency, rates in by_code.items():
            for holder in self._holders(agency, structure):
                for place, rate in rates.items():
                    kept = rate if place[0] in SUPPLIES else Rate()
                    numbers[holder][place] = numbers[holder].get(place, Rate()) + kept
            for settler, part in self.settled_parts(agency, today, window).items():
                for holder in self._holders(settler, structure):
                    for place, rate in part.items():
                        numbers[holder][place] = numbers[holder].get(place, Rate()) + rate
                        origins[holder, place].add(agency)
        for group in GROUPS:
            members = self.registry.members(group)
            times[group] = max((time for code, time in times.items() if code in members), default=0)
        for holder, rates in numbers.items():
            who = {"group": holder} if holder in GROUPS else {"agency": holder}
            for place, rate in rates.items():
                known = [self.as_of[code] for code in origins[holder, place]]
                yield as_row(place, rate, who, max(known, default=times.get(holder, 0)))

    def _standing(self, agency: str, structure: str) -> str:
        return self.registry.current(agency) if structure == "current" else agency

    def _holders(self, agency: str, structure: str) -> list[str]:
        """The agency that stands for this one, and the groups that one is in."""
        standing = self._standing(agency, structure)
        return [standing, *(group for group in GROUPS if standing in self.registry.members(group))]

    def _agency_rates(self, today: date, window: tuple[str, date] | None) -> dict[str, dict[Place, Rate]]:
        return {agency: numbers_of(self.calculation(agency, today), window) for agency in sorted(self.as_of)}

    def _merged(self, rates: dict[str, dict[Place, Rate]]) -> dict[str, dict[Place, Rate]]:
        parts: dict[str, list[dict[Place, Rate]]] = defaultdict(list)
        for agency, part in rates.items():
            parts[self.registry.current(agency)].append(part)
        return {agency: summed(each) for agency, each in parts.items()}

    def _merged_times(self) -> dict[str, int]:
        latest: dict[str, int] = {}
        for agency, time in self.as_of.items():
            current = self.registry.current(agency)
            latest[current] = max(latest.get(current, 0), time)
        return latest

    def conflicts(self) -> list[Conflict]:
        """Every full tie with different values, those certain to have been seen marked."""
        found = []
        for (agency, kind), subjects in self._events.items():
            for subject, events in subjects.items():
                last = self.registers(agency, kind)[subject]
                for field, time, identity in ties(events):
                    winning = last[field][:2] == (time, identity)
                    found.append(Conflict(agency, kind, subject[0], field, time, identity, winning))
        return found

    def warnings(self, agency: str, now_us: int) -> set[tuple[str, str]]:
        """(dossier, warning) of the agency's present state."""
        catalogue = Catalogue(self.states(agency, "procedure"))
        states = {code: state for (code, _), state in self.states(agency, "dossier").items()}
        return {
            (code, name) for code in states for name in warnings_of(code, states[code], catalogue, now_us)
        }


def numbers_of(calculation: Calculation, window: tuple[str, date] | None) -> dict[Place, Rate]:
    """The rates of all periods, or of one window."""
    return calculation.rates() if window is None else calculation.window(*window)


@cache
def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's default partition of a key: its murmur2 hash with the sign bit off, modulo."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    value = 0x9747B28C ^ len(key)
    whole = len(key) // 4 * 4
    for start in range(0, whole, 4):
        k = int.from_bytes(key[start : start + 4], "little") * m & mask
        value = (value * m & mask) ^ ((k ^ k >> 24) * m & mask)
    if len(key) > whole:
        value = (value ^ int.from_bytes(key[whole:], "little")) * m & mask
    value = (value ^ value >> 13) * m & mask
    return ((value ^ value >> 15) & 0x7FFFFFFF) % partitions


def today_at(now_us: int) -> date:
    """The day in Hanoi at an instant given in seconds × 10⁶."""
    return hanoi_day(now_us // SECOND * SECOND)
