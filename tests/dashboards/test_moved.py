"""What explains a rate: contributions, windows, lateness, incidents; each against what the commands say."""

from datetime import date, timedelta
from typing import Any

import pytest

from dashboards.alerts.thresholds import load_thresholds
from dashboards.catalogue import Published
from dashboards.limits import reuse_limits
from dashboards.sql import agency, connections, incidents, moved, overview
from dashboards.sql.lateness import lateness
from dashboards.sql.places import MONTH as CHOSEN_MONTH
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.imports.feeds import Feed, note_feed
from sinks.queries.change_query import ChangeQuery
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader
from tests.dashboards.conftest import Asking
from tests.dashboards.month import MONTH

LAST = date(2024, 3, 31)
LARGE = "G06"
VALUES = {"month": MONTH, "structure": "reported", "agency": LARGE, "procedure": "all"}


def first_of(days: int) -> str:
    return (LAST - timedelta(days=days - 1)).isoformat()


@pytest.mark.parametrize("key", ["data_reuse/received", "electronic_result/resolved", "on_time/resolved"])
def test_contributions_are_those_of_the_command(month: Database, asking: Asking, key: str) -> None:
    reader = Reader(month, load_registry())
    metric, name = key.split("/")
    asked = ChangeQuery(metric, LARGE, first_of(14), first_of(7), "last7", name)
    said = {each["part"]: each for each in reader.why(asked)["contributions"]}
    rows = asking.rows(moved.contributions(), VALUES | {"definition": key})
    assert len(rows) == min(len(said), 50) > 3
    for row in rows:
        each = said[row["procedure"]]
        assert [int(row["above_before"]), int(row["below_before"])] == each["before"]
        assert [int(row["above_after"]), int(row["below_after"])] == each["after"]
        shown = [row["own"], row["mix"], row["change"]]
        points = [100 * each[effect] for effect in ("rate_effect", "mix_effect", "change")]
        assert shown == pytest.approx(points, abs=1e-9)


@pytest.mark.parametrize(("structure", "counted_for"), [("reported", "code"), ("current", "settled")])
def test_windows_are_the_rates_of_the_last_days(
    month: Database, asking: Asking, structure: str, counted_for: str
) -> None:
    reader = Reader(month, load_registry())
    values = {"month": MONTH, "structure": structure, "agency": "all", "counted_for": counted_for}
    limits, _ = reuse_limits(load_thresholds())
    rows = {row["agency"]: row for row in asking.rows(moved.windows(limits, 100), values)}
    for days in (7, 28):
        found = reader.rates(
            RateQuery(
                "data_reuse", period=f"last{days}", start=first_of(days), structure=structure,
                counted_for=counted_for,
            )
        )  # fmt: skip
        for rate in found:
            row = rows.get(rate.get("agency", ""))
            if row is not None:
                shown = int(row[f"above{days}"]), int(row[f"below{days}"]), row[f"rate{days}"]
                assert shown == (rate["numerator"], rate["denominator"], pytest.approx(rate["rate"]))
        if days == 28:
            assert set(rows) == {r["agency"] for r in found if "agency" in r and r["denominator"]}
    assert {row["judged"] for row in rows.values()} >= {"below", "met"}


@pytest.mark.parametrize("counted_for", ["code", "settled"])
def test_late_and_reported_late_are_what_the_explanations_say(
    month: Database, asking: Asking, counted_for: str
) -> None:
    reader = Reader(month, load_registry())
    (row,) = asking.rows(lateness(), VALUES | {"counted_for": counted_for})
    on_time = list(reader.dossiers("on_time", LARGE, "month", MONTH, counted_for=counted_for))
    assert int(row["resolved"]) == len(on_time) > 50
    late = [each["dossier"] for each in on_time if not each["in_numerator"]]
    assert int(row["late"]) == len(late)
    told = [reader.explain(each["dossier"])["lateness"] for each in on_time[:25]]
    assert all(each["late"] != each["reported_late"] for each in told), "it arrived years after it was due"
    assert int(row["reported_late"]) == len(on_time) - len(late)
    assert int(row["overdue"]) > 0


def test_incidents_shade_their_days_and_no_others(asking: Asking) -> None:
    def shaded(sql: str, agency_: str, month: str = MONTH) -> list[int]:
        rows = asking.rows(
            sql, VALUES | {"agency": agency_, "month": month, "definition": "data_reuse/received"}
        )
        return [int(row["day_of_month"]) for row in rows if row["incident"]]

    assert shaded(agency.trend(), "H25") == [5, 6, 20]
    assert shaded(agency.trend(), "G06") == [20]
    assert shaded(overview.trend({"data_reuse": "data_reuse/received"}), "all") == [5, 6, 20]
    assert shaded(agency.trend(), "H25", "2024-02-01") == []


def test_incidents_are_listed_by_whom_they_concern(asking: Asking) -> None:
    def texts(whose: str) -> list[str]:
        return [row["text"] for row in asking.rows(incidents.in_month(whose), VALUES)]

    assert texts(incidents.EVERYBODY) == ["outage of all", "outage of H25"]
    assert texts("agency = 'G06'") == ["outage of all"]
    names = [row["name"] for row in asking.rows(incidents.newest(), {})]
    assert len(names) == 4
    assert "" in names


def test_time_charts_are_annotated(asking: Asking, published: list[Published]) -> None:
    annotated = 0
    for each in published:
        for annotation in each.model.get("annotations", {}).get("list", []):
            assert "placement" not in annotation
            rows = asking.rows(annotation["target"]["rawSql"], {})
            assert [row["text"] for row in rows] == ["G06: goes on at G06", "H25: goes on at H25"] or len(
                rows
            ) == 2
            assert all(row["time"] <= row["timeEnd"] for row in rows)
            annotated += 1
    assert annotated == 2, "the pipeline in both languages"


def test_every_chart_is_marked(published: list[Published]) -> None:
    for each in published:
        for panel in each.model["panels"]:
            if panel["type"] == "trend":
                named = [override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]]
                assert incidents.MARK in named
                assert any(f"AS {incidents.MARK}" in target["rawSql"] for target in panel["targets"])
            if panel["type"] == "timeseries":
                assert each.model["annotations"]["list"]
    assert CHOSEN_MONTH in incidents.mark("true")


def test_sources_tell_how_they_report(month: Database, asking: Asking) -> None:
    before = {row["source"]: row["feeds"] for row in asking.rows(connections.sources(), {})}
    assert set(before.values()) == {"events"}
    source = min(before)
    for feed in (Feed.SYNC, Feed.FILE):
        note_feed(month, source, feed)
    after: dict[str, Any] = {row["source"]: row["feeds"] for row in asking.rows(connections.sources(), {})}
    assert after[source] == "file, sync"
    assert {**after, source: "events"} == before


def test_warnings_are_listed_by_source_as_the_command_lists_them(month: Database, asking: Asking) -> None:
    said = Reader(month, load_registry()).source_warnings(LARGE)
    rows = asking.rows(agency.warnings(), VALUES)
    shown = {(row["source"], row["warning"]): int(row["dossiers"]) for row in rows}
    assert shown == {
        (each["source"], each["warning"] + (f" {each['field']}" if each["field"] else "")): each["dossiers"]
        for each in said
    }
    assert len(shown) > 1
