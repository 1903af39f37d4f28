"""What one scrape reads of ClickHouse: a few small queries, the heavier ones not at every scrape."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from emc.definitions import DEFINITIONS, METRICS, of_metric
from emc.instants import HANOI, day_number
from emc.periods import PERIODS, WINDOWS, start_of
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.maintenance.storage import Storage, read_storage
from sinks.prometheus.weekly import Key, WeeklyChange, read_weekly
from sinks.queries.rate_query import Selection
from sinks.queries.rates import Counts, Place, summed
from sinks.queries.settled import Counted, by_code, by_settler
from sinks.queries.stored_rates import DAY_ATTRIBUTED, stored_rates

T = TypeVar("T")
ByPeriod = dict[str, Mapping[Place, Counts]]
PREVIOUS_MONTH = "previous_month"
SHOWN_PERIODS = (*PERIODS, PREVIOUS_MONTH, *WINDOWS)
SOURCES_SHOWN = 20
DEFAULTS = tuple(of_metric(metric)[0] for metric in METRICS)
_LIMIT = "SETTINGS max_execution_time = 8"


class Source(NamedTuple):
    """A source and when its last accepted event arrived, in seconds since 1970."""

    agency: str
    source: str
    seen: float


class Snapshot(NamedTuple):
    """Everything read for one scrape, and how long that took.

    `settled`: rates by who settles, of those whom that concerns.
    """

    rates: Mapping[str, Mapping[Place, Counts]]
    settled: Mapping[str, Mapping[Place, Counts]]
    weekly: Mapping[Key, WeeklyChange]
    sources: list[Source]
    rejections: list[tuple[str, str, int]]
    storage: Storage
    seconds: float


class Seldom(Generic[T]):
    """A value read anew only after some seconds; not for several threads."""

    def __init__(self, read: Callable[[], T], every: float) -> None:
        self._read, self._every = read, every
        self._held: tuple[float, T] | None = None

    def __call__(self) -> T:
        """The value; what `read` raises."""
        if self._held is None or time.monotonic() - self._held[0] > self._every:
            self._held = time.monotonic(), self._read()
        return self._held[1]


class SnapshotReader:
    """Reads snapshots of one database. `today`: the day in Asia/Ho_Chi_Minh."""

    def __init__(
        self, database: Database, registry: Registry, today: Callable[[], date], heavy_every: float = 60
    ) -> None:
        self._database, self._registry, self._today = database, registry, today
        self._weekly = Seldom(self._read_weekly, heavy_every)
        self._windows = Seldom(self._read_windows, heavy_every)
        self._rejections = Seldom(self._read_rejections, heavy_every)

    def __call__(self) -> Snapshot:
        """A new snapshot; EmcError when the engine fails."""
        begin = time.monotonic()
        (rates, settled), windows = self._read_rates(), self._windows()
        sources, storage = self._read_sources(), read_storage(self._database)
        weekly, rejections = self._weekly(), self._rejections()
        return Snapshot(
            rates | windows, settled, weekly, sources, rejections, storage, time.monotonic() - begin
        )

    def _read_rates(self) -> tuple[ByPeriod, ByPeriod]:
        starts = shown_starts(self._today())
        places = ", ".join(f"('{period}', toDate({start}))" for period, start in set(starts.values()))
        rows = self._database.query(
            f"""
            SELECT period, agency, metric, definition, start, numerator, denominator, counted, declared
            FROM rates FINAL WHERE (period, start) IN ({places}) {_LIMIT}
            """
        )
        found: dict[tuple[str, int], list[Any]] = {place: [] for place in starts.values()}
        for period, *row in rows:
            found[period, row[3]].append(tuple(row))
        settled: dict[tuple[str, int], list[Any]] = {place: [] for place in starts.values()}
        for period, *row in self._database.query(
            f"""
            SELECT period, agency, settler, metric, definition, start, numerator, denominator
            FROM settled FINAL WHERE (period, start) IN ({places}) {_LIMIT}
            """
        ):
            settled[period, row[4]].append(tuple(row))
        registry = self._registry
        return (
            {name: _summed(by_code(found[place]), registry, place[0]) for name, place in starts.items()},
            {name: _by_settler(found[place], settled[place], registry) for name, place in starts.items()},
        )

    def _read_windows(self) -> dict[str, Mapping[Place, Counts]]:
        """The windows that end yesterday, by code and by the default definitions alone."""
        yesterday = self._today() - timedelta(days=1)
        found: ByPeriod = {}
        for period, days in WINDOWS.items():
            first = yesterday - timedelta(days=days - 1)
            selection = Selection(DEFINITIONS, None, None, period, first, first, "reported")
            sums = summed(stored_rates(self._database, selection), self._registry, selection)
            found[period] = {
                place: counts for place, counts in sums.items() if DEFINITIONS[place.definition] in DEFAULTS
            }
        return found

    def _read_weekly(self) -> dict[Key, WeeklyChange]:
        return read_weekly(self._database, self._registry, _selection("day"), self._today())

    def _read_sources(self) -> list[Source]:
        rows = self._database.query(
            f"""
            SELECT agency, source, last_arrival FROM sources FINAL
            ORDER BY last_arrival DESC, source {_LIMIT}
            """
        )
        return [Source(agency, source, seen / 1000) for agency, source, seen in rows]

    def _read_rejections(self) -> list[tuple[str, str, int]]:
        sql = f"SELECT agency, reason, count() FROM rejections FINAL GROUP BY agency, reason {_LIMIT}"
        return [(agency, reason, count) for agency, reason, count in self._database.query(sql)]


def shown_starts(today: date) -> dict[str, tuple[str, int]]:
    """Of every period shown: its kind and the day number of its first day."""
    starts = {period: (period, day_number(start_of(period, today))) for period in PERIODS}
    last_of_previous = start_of("month", today) - timedelta(days=1)
    return starts | {PREVIOUS_MONTH: ("month", day_number(start_of("month", last_of_previous)))}


def _summed(rows: Iterable[Counted], registry: Registry, period: str) -> Mapping[Place, Counts]:
    return summed(rows, registry, _selection(period))


def _by_settler(rows: list[Any], settled: list[Any], registry: Registry) -> Mapping[Place, Counts]:
    """By who settles, of the agencies that this concerns, and of the groups; empty without any."""
    if not settled:
        return {}
    concerned = {agency for agency, *_ in settled} | {settler for _, settler, *_ in settled}
    sums = _summed(by_settler(rows, settled, DAY_ATTRIBUTED), registry, "day")
    return {
        place: counts
        for place, counts in sums.items()
        if DEFINITIONS[place.definition].day != "state" and (place.is_group or place.whose in concerned)
    }


def _selection(period: str) -> Selection:
    return Selection(DEFINITIONS, None, None, period, date.min, date.max, "reported")


def hanoi_day(now: float) -> date:
    """The calendar day in Asia/Ho_Chi_Minh of an instant in seconds since 1970."""
    return datetime.fromtimestamp(now, HANOI).date()
