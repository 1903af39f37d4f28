"""The Prometheus exporter: the current rates, read from ClickHouse at each scrape.

No state is carried from scrape to scrape, so a value that no longer exists disappears. While ClickHouse does
not answer, the scrape succeeds, says so by `emc_exporter_up 0`, and shows no rates: old ones would pass for
current.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from emc.definitions import DEFINITIONS
from emc.disclosure import listed_source
from emc.errors import EmcError
from emc.registry import GROUPS, Registry
from emc.verdicts import Reason
from sinks.clickhouse.database import Database
from sinks.prometheus import metrics
from sinks.prometheus.bounded_read import Timed, TooSlow
from sinks.prometheus.limits import Limits, RateLimit
from sinks.prometheus.snapshot import DEFAULTS, SOURCES_SHOWN, Snapshot, SnapshotReader, Source, hanoi_day
from sinks.queries.rates import share

_log = logging.getLogger("emc.exporter")
_REASONS = frozenset(map(str, Reason))


class RateCollector(Collector):
    """Rates, thresholds, sources, rejections and the state of the engine, of one database.

    `limit`: seconds that a scrape waits for ClickHouse; `fresh`: seconds for which an answer serves several
    scrapes; `now`: the clock, in seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        registry: Registry,
        limits: Limits,
        *,
        limit: float = 5.0,
        fresh: float = 3.0,
        heavy_every: float = 60.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._registry, self._limits, self._now = registry, limits, now
        reader = SnapshotReader(database, registry, lambda: hanoi_day(now()), heavy_every)
        self._snapshot = Timed(reader, limit, fresh)

    def describe(self) -> list[Metric]:
        """Nothing: so that registering reads nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families of one scrape; never raises because of ClickHouse."""
        yield from self._known()
        try:
            snapshot = self._snapshot()
        except (EmcError, TooSlow) as error:
            _log.warning("no rates in this scrape", extra={"reason": str(error) or "ClickHouse is too slow"})
            yield metrics.EXPORTER_UP.value(0)
            return
        except Exception:  # whatever it is, the scrape must tell it rather than fail
            _log.exception("no rates in this scrape")
            yield metrics.EXPORTER_UP.value(0)
            return
        yield metrics.EXPORTER_UP.value(1)
        yield metrics.EXPORTER_SECONDS.value(snapshot.seconds)
        yield from _rates(snapshot)
        yield from _weekly(snapshot)
        yield from self._sources(snapshot.sources)
        yield self._rejections(snapshot)
        yield from _storage(snapshot)

    def _known(self) -> Iterator[Metric]:
        """What is known without ClickHouse: agencies, thresholds, the calendar."""
        info, thresholds, minima = (
            named.family() for named in (metrics.AGENCY, metrics.THRESHOLD, metrics.MINIMUM)
        )
        for agency in self._registry.agencies.values():
            info.add_metric((agency.code, agency.name, agency.kind), 1)
        for labels, limit in self._rate_limits():
            thresholds.add_metric(labels, limit.threshold)
            minima.add_metric(labels, limit.minimum)
        yield from (info, thresholds, minima)
        yield metrics.CALENDAR_UNTIL.value(self._limits.calendar_until)

    def _rate_limits(self) -> Iterator[tuple[tuple[str, ...], RateLimit]]:
        for definition in DEFAULTS:
            metric = definition.metric
            for agency in self._registry.agencies:
                if (limit := self._limits.of_agency(metric, agency)) is not None:
                    yield (metric, definition.name, agency, ""), limit
            for group in GROUPS:
                if (limit := self._limits.of_group(metric, group)) is not None:
                    yield (metric, definition.name, "", group), limit

    def _sources(self, sources: list[Source]) -> Iterator[Metric]:
        """Of each agency the sources seen last: names are the senders' to choose, so they are bounded.

        A closed agency's own sources fall silent for good; only when they were last seen is told.
        """
        seen, silent, limits = (
            named.family() for named in (metrics.SOURCE_SEEN, metrics.SOURCE_SILENT, metrics.SOURCE_LIMIT)
        )
        shown: Counter[str] = Counter()
        for agency, source, instant in sources:
            shown[agency] += 1
            if shown[agency] > SOURCES_SHOWN or agency not in self._registry:
                continue
            labels = (agency, listed_source(source))
            seen.add_metric(labels, instant)
            if self._is_closed(agency):
                continue
            silent.add_metric(labels, self._limits.working_seconds(source, instant, self._now()))
            limits.add_metric(labels, self._limits.silence_limit(agency))
        yield from (seen, silent, limits)
        hidden = sum(max(count - SOURCES_SHOWN, 0) for count in shown.values())
        yield metrics.SOURCES_HIDDEN.value(hidden)

    def _is_closed(self, agency: str) -> bool:
        end = self._registry.agencies[agency].valid_to
        return end is not None and end < hanoi_day(self._now())

    def _rejections(self, snapshot: Snapshot) -> Metric:
        family = metrics.REJECTIONS.family()
        counts: Counter[tuple[str, str]] = Counter()
        for agency, reason, count in snapshot.rejections:
            if reason in _REASONS:
                counts[agency if agency in self._registry else "", reason] += count
        for labels, count in sorted(counts.items()):
            family.add_metric(labels, count)
        return family


def _rates(snapshot: Snapshot) -> Iterator[Metric]:
    rate, numerators, denominators, coverage, declared_family = families = tuple(
        named.family()
        for named in (
            metrics.RATE,
            metrics.NUMERATOR,
            metrics.DENOMINATOR,
            metrics.COVERAGE,
            metrics.DECLARED,
        )
    )
    found = [("", *each) for each in snapshot.rates.items()]
    found += [("settled", *each) for each in snapshot.settled.items()]
    for counted_for, period, sums in found:
        for place, (above, below, counted, declared) in sums.items():
            labels = (*_labels(place.definition, place.is_group, place.whose), period, counted_for)
            numerators.add_metric(labels, above)
            denominators.add_metric(labels, below)
            if below:
                rate.add_metric(labels, above / below)
            if (covered := share(counted, declared)) is not None:
                coverage.add_metric(labels, covered)
                declared_family.add_metric(labels, declared)
    yield from families


def _weekly(snapshot: Snapshot) -> Iterator[Metric]:
    changes, usual, denominators = families = tuple(
        named.family() for named in (metrics.WEEKLY_CHANGE, metrics.WEEKLY_USUAL, metrics.WEEKLY_DENOMINATOR)
    )
    for (number, is_group, whose), found in snapshot.weekly.items():
        if DEFINITIONS[number] not in DEFAULTS:
            continue
        labels = _labels(number, is_group, whose)
        changes.add_metric(labels, found.change)
        denominators.add_metric(labels, found.denominator)
        if found.usual is not None:
            usual.add_metric(labels, found.usual)
    yield from families


def _storage(snapshot: Snapshot) -> Iterator[Metric]:
    yield metrics.PARTS.value(snapshot.storage.parts)
    yield metrics.MERGES.value(snapshot.storage.merges)
    free, size = metrics.DISK_FREE.family(), metrics.DISK_SIZE.family()
    for disk, (free_bytes, all_bytes) in snapshot.storage.disks.items():
        free.add_metric((disk,), free_bytes)
        size.add_metric((disk,), all_bytes)
    yield from (free, size)


def _labels(number: int, is_group: int, whose: str) -> tuple[str, str, str, str]:
    definition = DEFINITIONS[number]
    agency, group = ("", whose) if is_group else (whose, "")
    return definition.metric, definition.name, agency, group


def exposition(*collectors: Collector) -> Callable[[], bytes]:
    """A function that gives the text of these collectors' metrics and of the process's, for each scrape."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return lambda: generate_latest(registry)
