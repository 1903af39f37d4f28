"""The exporter on the real engine: what it shows, what it must not, and what it does without ClickHouse."""

import re
import threading
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from dashboards.alerts.limits import FileLimits
from dashboards.alerts.thresholds import load_thresholds
from deploy.ports import free_ports
from emc.definitions import DEFINITIONS
from emc.disclosure import listed_source
from emc.errors import ComponentError
from emc.registry import GROUPS, load_registry
from sinks.clickhouse.database import Database
from sinks.clickhouse.database import Row as Found
from sinks.prometheus import metrics
from sinks.prometheus.exporter import RateCollector, exposition
from sinks.prometheus.snapshot import SHOWN_PERIODS, SOURCES_SHOWN, shown_starts
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader
from tests.sinks.exported import Row, at, put_rates, put_rejections, put_sources, samples, value

REGISTRY = load_registry()
LIMITS = FileLimits(load_thresholds(), REGISTRY)
NOW = at("2026-03-10 10:00")
MONTH, PREVIOUS = date(2026, 3, 1), date(2026, 2, 1)
REUSE = {"metric": "data_reuse", "definition": "received"}


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def collector(
    database: Database, now: Callable[[], float] = lambda: NOW, limit: float = 30.0
) -> RateCollector:
    """One that remembers nothing between scrapes."""
    return RateCollector(database, REGISTRY, LIMITS, limit=limit, fresh=-1, heavy_every=-1, now=now)


def reuse(agency: str, numerator: int, denominator: int, start: date = MONTH, period: str = "month") -> Row:
    return (
        agency,
        "data_reuse",
        "received",
        period,
        start,
        numerator,
        denominator,
        denominator,
        2 * denominator,
    )


def test_an_agency_has_no_group_and_a_group_no_agency(database: Database) -> None:
    put_rates(database, [reuse("H44", 10, 200), reuse("G01", 90, 300)])
    found = samples(collector(database))
    month = REUSE | {"period": "month"}
    assert value(found, "emc_rate", agency="H44", group="", **month) == 10 / 200
    assert value(found, "emc_rate", agency="G01", group="", **month) == 90 / 300
    assert value(found, "emc_rate", agency="", group="localities", **month) == 10 / 200
    assert value(found, "emc_rate", agency="", group="national", **month) == 100 / 500
    assert value(found, "emc_rate_denominator", agency="", group="national", **month) == 500
    assert value(found, "emc_coverage_ratio", agency="H44", **month) == 0.5
    assert value(found, "emc_coverage_declared_dossiers", agency="H44", **month) == 400
    sums = [
        n for (name, labels), n in found.items() if name == "emc_rate_numerator" and ("group", "") in labels
    ]
    assert sum(sums) == 100


def test_every_number_is_the_readers(database: Database) -> None:
    rows = []
    starts = shown_starts(date(2026, 3, 10))
    for n, definition in enumerate(DEFINITIONS):
        for agency in ("H44", "H26", "G01"):
            for period, start in set(starts.values()):
                first = date(1970, 1, 1) + timedelta(days=start)
                rows.append((agency, definition.metric, definition.name, period, first, n, n * 3, n, 2))
    put_rates(database, rows)
    found, reader = samples(collector(database)), Reader(database, REGISTRY)
    compared = 0
    for shown, (period, start) in starts.items():
        first = date(1970, 1, 1) + timedelta(days=start)
        for rate in reader.rates(RateQuery(period=period, start=first.isoformat())):
            labels = {name: rate.get(name, "") for name in ("metric", "definition", "agency", "group")}
            labels |= {"period": shown, "counted_for": ""}
            assert value(found, "emc_rate", **labels) == rate["rate"]
            assert value(found, "emc_rate_numerator", **labels) == rate["numerator"]
            assert value(found, "emc_rate_denominator", **labels) == rate["denominator"]
            assert value(found, "emc_coverage_ratio", **labels) == rate["coverage"]
            compared += 1
    assert compared == len(starts) * len(DEFINITIONS) * 6


def test_windows_are_the_days_that_ended_yesterday(database: Database) -> None:
    days = [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 9), date(2026, 3, 10), date(2026, 2, 9)]
    put_rates(database, [reuse("H44", 1, 10, day, "day") for day in days])
    found = samples(collector(database))
    assert value(found, "emc_rate_denominator", agency="H44", period="last7", **REUSE) == 20
    assert value(found, "emc_rate_denominator", agency="H44", period="last28", **REUSE) == 30
    assert value(found, "emc_rate", group="localities", period="last28", **REUSE) == 0.1


def test_rates_by_settler_bear_a_label_and_are_there_where_it_matters(database: Database) -> None:
    put_rates(database, [reuse("H44", 10, 200), reuse("H26", 1, 2)])
    assert not [labels for _, labels in samples(collector(database)) if ("counted_for", "settled") in labels]
    row = ("H44", "G12", "data_reuse", "received", "month", (MONTH - date(1970, 1, 1)).days, 4, 50, 9, 0)
    names = ("agency", "settler", "metric", "definition", "period", "start", "numerator", "denominator")
    columns = dict(zip((*names, "version", "is_deleted"), ([each] for each in row), strict=True))
    database.insert("settled", columns)
    found = samples(collector(database))
    by_settler = REUSE | {"period": "month", "counted_for": "settled"}
    assert value(found, "emc_rate_denominator", agency="H44", **by_settler) == 150
    assert value(found, "emc_rate_numerator", agency="G12", **by_settler) == 4
    assert value(found, "emc_rate_denominator", group="localities", **by_settler) == 152
    assert value(found, "emc_rate", agency="H26", **by_settler) is None
    assert value(found, "emc_coverage_ratio", agency="H44", **by_settler) is None
    assert value(found, "emc_rate_denominator", agency="H44", period="month", counted_for="", **REUSE) == 200


def test_no_data_is_absent_and_not_zero(database: Database) -> None:
    put_rates(database, [("H44", "data_reuse", "received", "month", MONTH, 0, 0, 0, 0)])
    found = samples(collector(database))
    assert value(found, "emc_rate_denominator", agency="H44", **REUSE) == 0
    assert value(found, "emc_rate", agency="H44", **REUSE) is None
    assert value(found, "emc_coverage_ratio", agency="H44", **REUSE) is None
    assert value(found, "emc_rate", agency="H26") is None


def test_values_that_no_longer_exist_disappear(database: Database) -> None:
    clock = Clock()
    exporter = collector(database, clock)
    put_rates(database, [reuse("H44", 10, 200), reuse("H26", 10, 200), reuse("H27", 1, 2, PREVIOUS)])
    found = samples(exporter)
    assert value(found, "emc_rate", agency="H26", period="month") == 0.05
    assert value(found, "emc_rate", agency="H27", period="previous_month") == 0.5
    put_rates(database, [reuse("H26", 0, 0)], version=2, deleted=True)
    assert value(samples(exporter), "emc_rate", agency="H26") is None
    clock.now = at("2026-04-01 00:00")
    found = samples(exporter)
    assert value(found, "emc_rate", agency="H44", period="month") is None
    assert value(found, "emc_rate", agency="H44", period="previous_month") == 0.05
    assert value(found, "emc_rate", agency="H27") is None


def test_the_number_of_series_is_bounded(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    agencies = [*REGISTRY.agencies, "Z99"]
    put_rates(
        database,
        [
            (agency, each.metric, each.name, period, date(1970, 1, 1) + timedelta(days=start), 1, 3, 2, 4)
            for agency in agencies
            for each in DEFINITIONS
            for period, start in set(shown_starts(date(2026, 3, 10)).values())
        ],
    )
    put_rates(database, [("H44", "made_up", "x", "month", MONTH, 1, 2, 3, 4)])
    put_sources(database, {("H44", f"/agencies/H44/s{n}"): NOW - n for n in range(50)})
    put_rejections(database, [("H44", "invalid"), ("Z98", "invalid"), ("Z99", "invalid"), ("H44", "made_up")])
    exporter = collector(database)
    found = samples(exporter)
    holders = len(REGISTRY.agencies) + len(GROUPS)
    most = 5 * len(DEFINITIONS) * holders * len(SHOWN_PERIODS)
    rates = [
        labels for name, labels in found if name.startswith(("emc_rate", "emc_coverage")) and len(labels) == 6
    ]
    assert len(rates) <= most + 5 * len(DEFINITIONS) * len(SHOWN_PERIODS)
    assert len(found) < 34_000
    shown = {dict(labels)["source"] for name, labels in found if name == "emc_source_silent_working_seconds"}
    assert shown == {f"/agencies/H44/s{n}" for n in range(SOURCES_SHOWN)}
    assert value(found, "emc_sources_hidden") == 50 - SOURCES_SHOWN
    assert value(found, "emc_rejections_total", agency="", reason="invalid") == 2
    assert value(found, "emc_rejections_total", reason="made_up") is None
    assert not any(("metric", "made_up") in labels for _, labels in found)
    text = exposition(exporter)()
    with capsys.disabled():
        print(f"\nexporter at its largest: {len(found)} series, {len(text) >> 10} KiB")


class Switched(Database):
    """A database that can be made to fail or to hang."""

    def __init__(self, real: Database) -> None:
        self.real, self.name, self.place = real, real.name, real.place
        self.answers = threading.Event()
        self.failure: Exception | None = None
        self.answers.set()
        self.asked = 0

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Found]:
        self.asked += 1
        assert self.answers.wait(30)
        if self.failure:
            raise self.failure
        return self.real.query(sql, parameters)


def test_a_failing_clickhouse_is_told_and_no_old_rates_are_shown(database: Database) -> None:
    put_rates(database, [reuse("H44", 10, 200)])
    switched = Switched(database)
    exporter = collector(switched)
    assert value(samples(exporter), "emc_exporter_up") == 1
    switched.failure = ComponentError("ClickHouse at x does not answer")
    text = exposition(exporter)().decode()
    assert "emc_exporter_up 0.0" in text
    assert "emc_rate{" not in text
    assert value(samples(exporter), "emc_rate_threshold", agency="H44", **REUSE) == 0.05
    switched.failure = None
    found = samples(exporter)
    assert value(found, "emc_exporter_up") == 1
    assert value(found, "emc_rate", agency="H44", **REUSE) == 0.05


def test_a_server_that_is_not_there_fails_no_scrape() -> None:
    (port,) = free_ports(1)
    text = exposition(collector(Database(f"http://127.0.0.1:{port}/emc")))().decode()
    assert "emc_exporter_up 0.0" in text


def test_an_error_that_nobody_foresaw_fails_no_scrape(database: Database) -> None:
    switched = Switched(database)
    switched.failure = ValueError("made up")
    assert value(samples(collector(switched)), "emc_exporter_up") == 0


def test_a_hanging_clickhouse_holds_up_no_scrape_and_gathers_no_threads(database: Database) -> None:
    switched = Switched(database)
    exporter = collector(switched, limit=0.05)
    switched.answers.clear()
    for _ in range(5):
        assert value(samples(exporter), "emc_exporter_up") == 0
    assert switched.asked == 1
    switched.answers.set()
    patient = collector(switched)
    assert value(samples(patient), "emc_exporter_up") == 1


def test_thresholds_are_the_defaults_of_the_groups(database: Database) -> None:
    found = samples(collector(database))
    below = load_thresholds().below["data_reuse"]
    assert value(found, "emc_rate_threshold", agency="H44", group="", **REUSE) == below.localities
    assert value(found, "emc_rate_threshold", agency="G01", group="", **REUSE) == below.ministries
    assert value(found, "emc_rate_threshold", agency="", group="localities", **REUSE) == below.localities
    assert value(found, "emc_rate_minimum_denominator", agency="H44", **REUSE) == below.minimum


def test_a_weekly_change_is_set_against_the_usual_one(database: Database) -> None:
    week_rates = [0.20, 0.50, 0.52, 0.48, 0.50, 0.51, 0.49]  # the latest first
    rows = []
    for week, rate in enumerate(week_rates):
        for day in range(7):
            start = date(2026, 3, 9) - timedelta(days=7 * week + day)
            rows.append(reuse("H44", round(rate * 100), 100, start, "day"))
    today = reuse("H44", 100, 100, date(2026, 3, 10), "day")
    put_rates(database, [*rows, today])
    found = samples(collector(database))
    assert value(found, "emc_rate_weekly_change", agency="H44", **REUSE) == pytest.approx(-0.30)
    assert value(found, "emc_rate_weekly_change_usual", agency="H44", **REUSE) == pytest.approx(0.02)
    assert value(found, "emc_rate_weekly_denominator", agency="H44", **REUSE) == 700
    assert value(found, "emc_rate_weekly_change", group="national", **REUSE) == pytest.approx(-0.30)
    assert value(found, "emc_rate_weekly_change", agency="H26") is None


def test_two_weeks_alone_have_no_usual_change(database: Database) -> None:
    put_rates(database, [reuse("H44", 5, 10, date(2026, 3, 9) - timedelta(days=n), "day") for n in range(14)])
    found = samples(collector(database))
    assert value(found, "emc_rate_weekly_change", agency="H44", **REUSE) == 0
    assert value(found, "emc_rate_weekly_change_usual", agency="H44", **REUSE) is None


def test_a_silence_counts_working_time_only(database: Database) -> None:
    source = {"agency": "H44", "source": "/agencies/H44/one-stop"}
    put_sources(database, {("H44", "/agencies/H44/one-stop"): at("2026-02-13 16:00")})
    clock = Clock()
    exporter = collector(database, clock)

    def silent(moment: str) -> float | None:
        clock.now = at(moment)
        return value(samples(exporter), "emc_source_silent_working_seconds", **source)

    assert silent("2026-02-13 16:30") == 1800
    before = silent("2026-02-13 23:00")
    assert before == 3600
    # from the 14th to the 22nd of February 2026 it is Tết
    assert {silent(f"2026-02-{day} 11:00") for day in range(14, 23)} == {before}
    assert silent("2026-02-23 10:00") == 3600 + 7200
    found = samples(exporter)
    assert value(found, "emc_source_last_event_timestamp_seconds", **source) == at("2026-02-13 16:00")
    assert value(found, "emc_source_silence_limit_seconds", **source) == 4 * 3600


def test_labels_hold_no_number_like_a_persons(database: Database) -> None:
    chosen = ("/agencies/H44/012345678901", "/agencies/H44/of-123456789", "/agencies/H44/123456789")
    put_sources(database, {("H44", source): at("2026-03-10 09:00") for source in chosen})
    text = exposition(collector(database))().decode()
    assert not re.search(r'"[^"]*(?<![0-9A-Za-z])(?:[0-9]{9}|[0-9]{12})(?![0-9A-Za-z])[^"]*"', text)
    shown = set(re.findall(r'emc_source_silent_working_seconds\{.*source="([^"]*)"', text))
    assert shown == {listed_source(source) for source in chosen}
    assert len(shown) == 3


def test_the_silence_of_a_closed_agency_is_not_counted(database: Database) -> None:
    source = {"agency": "H25", "source": "/agencies/H25/one-stop"}
    put_sources(database, {("H25", "/agencies/H25/one-stop"): at("2025-06-30 10:00")})
    clock = Clock()
    exporter = collector(database, clock)
    clock.now = at("2025-06-30 12:00")
    assert value(samples(exporter), "emc_source_silent_working_seconds", **source) == 7200
    clock.now = at("2025-07-01 12:00")
    found = samples(exporter)
    assert value(found, "emc_source_last_event_timestamp_seconds", **source) == at("2025-06-30 10:00")
    assert value(found, "emc_source_silent_working_seconds", **source) is None
    assert value(found, "emc_source_silence_limit_seconds", **source) is None


def test_rejections_are_counted_once_although_stored_twice(database: Database) -> None:
    refused = [("H44", "invalid"), ("H44", "invalid"), ("H44", "future"), ("", "malformed")]
    put_rejections(database, refused)
    put_rejections(database, refused, version=2)
    found = samples(collector(database))
    assert value(found, "emc_rejections_total", agency="H44", reason="invalid") == 2
    assert value(found, "emc_rejections_total", agency="H44", reason="future") == 1
    assert value(found, "emc_rejections_total", agency="", reason="malformed") == 1


def test_every_metric_exposed_is_named_and_every_named_one_exposed(database: Database) -> None:
    exposed = {family.name for family in collector(database).collect()}
    named = {each.name.removesuffix("_total") for each in metrics.ALL if each.exposed_by == "exporter"}
    assert exposed == named


def test_the_state_of_the_engine_is_shown(database: Database) -> None:
    put_rates(database, [reuse("H44", 10, 200)])
    found = samples(collector(database))
    parts, free = value(found, "emc_clickhouse_parts"), value(found, "emc_disk_free_bytes", disk="default")
    assert parts is not None
    assert parts >= 1
    assert free is not None
    assert free > 0
    assert value(found, "emc_clickhouse_merges") is not None
