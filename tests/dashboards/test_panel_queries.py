"""Every query of every dashboard on the real engine over the simulated month, as Grafana would run it."""

from itertools import groupby
from typing import Any

import pytest

from dashboards.catalogue import Published
from dashboards.sql import agency, connections, overview, reuse, variables
from dashboards.sql.facts import key_of
from dashboards.wording import LANGUAGES, Words, default_of
from emc.definitions import DEFINITIONS
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader
from tests.dashboards.conftest import Asking
from tests.dashboards.models import panels, queries
from tests.dashboards.month import MONTH

WORDS = Words("en")
LARGE = "G06"
EMPTY = {"month": "2001-01-01", "structure": "reported", "agency": "G06", "procedure": "all"}
FIRST = {"definition": "data_reuse/received"}
WAYS = [("reported", "code"), ("current", "code"), ("reported", "settled"), ("current", "settled")]


def test_no_panel_is_empty(asking: Asking, published: list[Published]) -> None:
    empty = []
    for dashboard in published[: len(published) // len(LANGUAGES)]:
        chosen = {"agency": LARGE} if dashboard.uid.startswith("emc-agency") else {}
        values = asking.options(dashboard.model, chosen)
        for panel in panels(dashboard.model):
            empty += [
                (dashboard.uid, panel["title"])
                for sql in queries(panel)
                if not _shows_something(asking.rows(sql, values))
            ]
    assert empty == []


def _shows_something(rows: list[dict[str, Any]]) -> bool:
    return any(value is not None for row in rows for value in row.values())


@pytest.mark.parametrize(("structure", "chosen"), [("current", "H42"), ("reported", "all")])
def test_every_query_runs_with_other_choices(
    asking: Asking, published: list[Published], structure: str, chosen: str
) -> None:
    for dashboard in published[len(published) // len(LANGUAGES) :]:
        values = {"month": MONTH, "structure": structure, "agency": chosen, "procedure": "2.000001"}
        values["counted_for"] = "settled" if structure == "current" else "code"
        asking.options(dashboard.model, {"structure": structure, "agency": chosen})
        for panel in panels(dashboard.model):
            for sql in queries(panel):
                asking.rows(sql, values | FIRST)


@pytest.mark.parametrize("key", ["data_reuse/received", "on_time/resolved", "online_supply/eligible"])
def test_a_definition_of_every_kind_can_be_looked_at(asking: Asking, key: str) -> None:
    values = {"month": MONTH, "structure": "reported", "agency": LARGE, "procedure": "all", "definition": key}
    for sql in (agency.trend(), agency.by_month(), agency.by_procedure()):
        assert asking.rows(sql, values)
    assert bool(asking.rows(agency.by_unit(), values)) == (key != "online_supply/eligible")


def test_dashboards_open_on_the_newest_complete_month(asking: Asking) -> None:
    assert asking.rows(variables.months("not over"), {})[0]["value"] == MONTH


def test_future_and_fragmentary_months_do_not_come_first(month: Database, asking: Asking) -> None:
    starts = [row["value"] for row in asking.rows(variables.months("not over"), {})]
    future = month.query("SELECT count() FROM rates FINAL WHERE period = 'month' AND start > '2090-01-01'")
    assert future[0][0] > 0
    assert not any(start.startswith("209") for start in starts)


@pytest.mark.parametrize(("structure", "counted_for"), WAYS)
def test_the_overview_shows_what_the_reader_of_rates_says(
    month: Database, asking: Asking, structure: str, counted_for: str
) -> None:
    reader = Reader(month, load_registry())
    found = reader.rates(RateQuery(start=MONTH, structure=structure, counted_for=counted_for))
    rates = {(r["metric"], r["definition"], r.get("agency") or r["group"]): r for r in found}
    values = {"month": MONTH, "structure": structure, "counted_for": counted_for}
    for definition in DEFINITIONS:
        (shown,) = asking.rows(overview.groups(definition.metric, definition.name), values)
        expected = {
            group: _rate(rates, definition.metric, definition.name, group)
            for group in ("national", "ministries", "localities")
        }
        assert shown == pytest.approx(expected, nan_ok=False)


@pytest.mark.parametrize(("structure", "counted_for"), WAYS)
def test_the_heat_map_shows_what_the_reader_of_rates_says(
    month: Database, asking: Asking, structure: str, counted_for: str
) -> None:
    reader = Reader(month, load_registry())
    found = reader.rates(RateQuery(start=MONTH, structure=structure, counted_for=counted_for))
    rates = {(r["metric"], r["definition"], r.get("agency") or r["group"]): r for r in found}
    names = {definition.metric: default_of(definition.metric) for definition in DEFINITIONS}
    seen = set()
    for kind in ("ministry", "locality"):
        values = {"month": MONTH, "structure": structure, "counted_for": counted_for}
        for row in asking.rows(overview.matrix(kind, names), values):
            seen.add(row["agency"])
            for metric, key in names.items():
                assert row[metric] == pytest.approx(_rate(rates, *key.split("/"), row["agency"]))
            covered = rates.get(("online_submission", "channel", row["agency"]), {}).get("coverage")
            assert row["coverage"] == pytest.approx(covered)
    assert seen == {r["agency"] for r in found if "agency" in r}


def test_the_volume_and_the_table_of_months_show_what_the_reader_says(
    month: Database, asking: Asking
) -> None:
    reader = Reader(month, load_registry())
    names = {definition.metric: default_of(definition.metric) for definition in DEFINITIONS}
    rows = asking.rows(overview.by_month(names), {"month": MONTH})
    for row in rows:
        year = "-".join(reversed(row.pop("month").split("/")))
        found = reader.rates(RateQuery(group="national", start=f"{year}-01"))
        rates = {(r["metric"], r["definition"]): r for r in found}
        assert row == pytest.approx({m: rates[m, key.split("/")[1]]["rate"] for m, key in names.items()})
        if f"{year}-01" == MONTH:
            (shown,) = asking.rows(overview.coverage(), {"month": MONTH, "structure": "reported"})
            expected = rates["online_submission", "channel"]
            assert int(shown["dossiers"]) == expected["denominator"]
            assert shown["coverage"] == pytest.approx(expected["coverage"])
    assert len(rows) > 1


def _rate(rates: dict[Any, Any], *place: str) -> float | None:
    row = rates.get(place)
    rate: float | None = None if row is None else row["rate"]
    return rate


@pytest.mark.parametrize("counted_for", ["code", "settled"])
@pytest.mark.parametrize("definition", DEFINITIONS, ids=key_of)
def test_procedures_add_up_to_the_agencys_rate(
    month: Database, asking: Asking, definition: Any, counted_for: str
) -> None:
    reader = Reader(month, load_registry())
    query = RateQuery(definition.metric, definition.name, agency="H25", start=MONTH, counted_for=counted_for)
    (rate,) = reader.rates(query)
    values = {"month": MONTH, "structure": "reported", "agency": "H25", "procedure": "all"}
    values |= {"definition": key_of(definition), "counted_for": counted_for}
    rows = asking.rows(agency.by_procedure(), values)
    assert sum(int(row["numerator"]) for row in rows) == rate["numerator"]
    assert sum(int(row["denominator"]) for row in rows) == rate["denominator"]


@pytest.mark.parametrize("counted_for", ["code", "settled"])
@pytest.mark.parametrize("definition", [d for d in DEFINITIONS if d.day != "state"], ids=key_of)
def test_missing_dossiers_are_those_that_the_command_lists(
    month: Database, asking: Asking, definition: Any, counted_for: str
) -> None:
    reader = Reader(month, load_registry())
    chosen = "H25"
    asked = (definition.metric, chosen, "month", MONTH, True, definition.name, counted_for)
    listed = reader.dossiers(*asked)
    values = {"month": MONTH, "structure": "reported", "agency": chosen, "procedure": "all"}
    values |= {"definition": key_of(definition), "counted_for": counted_for}
    rows = asking.rows(agency.missing(WORDS.lacking()), values)
    assert [row["dossier"] for row in rows] == [each["dossier"] for each in listed]
    assert all(row["reason"] for row in rows)


def test_no_data_is_null_and_never_zero(asking: Asking) -> None:
    for sql in (
        overview.groups("data_reuse", "received"),
        overview.coverage(),
        agency.compared("data_reuse", "received"),
        reuse.rate(),
        reuse.components(),
        connections.coverage(),
    ):
        (row,) = asking.rows(sql, EMPTY | FIRST)
        rates = {name: value for name, value in row.items() if isinstance(value, float)}
        assert rates == {}
    matrix = asking.rows(overview.matrix("ministry", {"data_reuse": "data_reuse/received"}), EMPTY)
    assert {row["data_reuse"] for row in matrix} == {None}
    assert {row["dossiers"] for row in matrix} == {None}


def test_merged_provinces_are_summed_under_those_of_today(asking: Asking) -> None:
    reported, current = (
        asking.rows(variables.agencies(), {"structure": structure}) for structure in ("reported", "current")
    )
    assert (len(reported), len(current)) == (85, 51)
    assert [place for place, _ in groupby(row["value"][0] for row in current)] == ["G", "H"]


def test_published_figures_stand_beside_the_rates_they_calibrate(asking: Asking) -> None:
    titles = WORDS.defaults("online_submission", "full_online_supply", "electronic_result", "data_reuse")
    rows = asking.rows(overview.published(titles, {}), {"month": MONTH, "structure": "reported"})
    groups = [row for row in rows if row["scope"] in ("ministries", "localities")]
    assert len(groups) == 8
    assert {row["published_on"] for row in groups} == {"2024-04-24"}
    assert {row["spoken_of"] for row in groups} == {"03/2024"}
    assert all(row["difference"] is not None for row in groups)


def test_a_figure_of_a_year_is_shown_beside_a_month_but_not_compared_with_it(asking: Asking) -> None:
    titles = WORDS.defaults("full_online_use")
    rows = asking.rows(overview.published(titles, {}), {"month": MONTH, "structure": "reported"})
    shown = {row["scope"]: round(100 * row["published"], 2) for row in rows}
    assert shown == {"national": 45.8, "ministries": 63.47, "localities": 18.54}
    assert {row["spoken_of"] for row in rows} == {"2024"}
    assert {row["difference"] for row in rows} == {None}
    assert all(row["computed"] for row in rows)
