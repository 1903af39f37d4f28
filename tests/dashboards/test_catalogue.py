"""The dashboards as Grafana gets them: complete in both languages, explained, linked, of known metrics."""

import json
import re
from typing import Any

import pytest

from dashboards.alerts.prometheus import all_rules
from dashboards.alerts.thresholds import load_thresholds
from dashboards.alerts.titles import alert_titles
from dashboards.catalogue import Published, all_dashboards
from dashboards.query import PROMETHEUS
from dashboards.wording import LANGUAGES, Words
from sinks.prometheus import metrics
from tests.dashboards.models import panels, queries, texts

_UIDS = {"emc-overview", "emc-agency", "emc-data-reuse", "emc-connections", "emc-pipeline"}
_OF_PROMETHEUS = {"ALERTS", "process_start_time_seconds"}


def test_there_are_five_dashboards_in_each_language(published: list[Published]) -> None:
    assert {each.uid for each in published} == _UIDS | {f"{uid}-en" for uid in _UIDS}
    assert {each.folder.uid for each in published} == {"emc-vi", "emc-en"}
    for each in published:
        assert each.model["timezone"] == "Asia/Ho_Chi_Minh"


def test_every_panel_is_explained_and_says_when_there_is_no_data(published: list[Published]) -> None:
    for each in published:
        for panel in panels(each.model):
            assert panel["title"].strip()
            assert len(panel["description"]) > 40, panel["title"]
            assert panel["fieldConfig"]["defaults"]["noValue"]


def test_panels_fill_the_grid_without_overlap(published: list[Published]) -> None:
    for each in published:
        taken: set[tuple[int, int]] = set()
        for panel in each.model["panels"]:
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not cells & taken, panel["title"]
            taken |= cells
        assert len({panel["id"] for panel in each.model["panels"]}) == len(each.model["panels"])


def test_both_languages_ask_the_same_panels(published: list[Published]) -> None:
    half = len(published) // len(LANGUAGES)
    for one, other in zip(published[:half], published[half:], strict=True):
        assert [p["type"] for p in panels(one.model)] == [p["type"] for p in panels(other.model)]
        assert [p["gridPos"] for p in panels(one.model)] == [p["gridPos"] for p in panels(other.model)]


def test_english_dashboards_hold_no_vietnamese(published: list[Published]) -> None:
    own_letters = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
    for each in published:
        if each.uid.endswith("-en"):
            found = {text for text in texts(each.model) if own_letters.search(text)} - {"Tiếng Việt"}
            assert not found


def test_every_dashboard_leads_to_all_others_and_to_the_other_language(published: list[Published]) -> None:
    for each in published:
        suffix = "-en" if each.uid.endswith("-en") else ""
        other = each.uid.removesuffix("-en") if suffix else f"{each.uid}-en"
        expected = {f"/d/{uid}{suffix}" for uid in _UIDS} - {f"/d/{each.uid}"} | {f"/d/{other}"}
        assert {link["url"] for link in each.model["links"]} == expected


def test_links_in_panels_lead_to_dashboards_with_variables_that_they_have(published: list[Published]) -> None:
    names = {each.uid: {v["name"] for v in each.model["templating"].get("list", [])} for each in published}
    seen = 0
    for each in published:
        for text in texts(each.model["panels"]):
            if text.startswith("/d/"):
                uid, _, asked = text.removeprefix("/d/").partition("?")
                assert set(re.findall(r"var-(\w+)=", asked)) <= names[uid]
                assert set(re.findall(r"=\$\{(\w+)\}", asked)) <= names[each.uid] | {"__data"}
                seen += 1
    assert seen > 20


def test_overview_leads_to_agency_to_procedure_to_missing_dossiers(published: list[Published]) -> None:
    links = {
        each.uid: [text for text in texts(each.model["panels"]) if text.startswith("/d/")]
        for each in published
    }
    assert any("emc-agency?" in link and "var-agency=${__data" in link for link in links["emc-overview"])
    assert any("var-procedure=${__data" in link for link in links["emc-agency"])
    agency = next(each.model for each in published if each.uid == "emc-agency")
    sql = [
        text
        for panel in panels(agency)
        for text in queries(panel)
        if "AS reason" in text and "dossier" in text
    ]
    assert any("'${procedure}'" in text for text in sql)


def test_prometheus_panels_ask_for_metrics_that_exist(published: list[Published]) -> None:
    known = {named.name for named in metrics.ALL} | _OF_PROMETHEUS
    asked = {
        name
        for each in published
        for panel in panels(each.model)
        for target in panel["targets"]
        if "expr" in target
        for name in re.findall(r"\b(emc_\w+|ALERTS|process_\w+)\b", target["expr"])
    }
    assert asked
    assert asked <= known


def test_every_alert_has_a_title_in_both_languages() -> None:
    alerts = {rule.alert for rule in all_rules(load_thresholds())}
    for language in LANGUAGES:
        words = Words(language)
        titles = alert_titles(words, words.metric)
        assert alerts <= set(titles)
        assert len({title for title, _ in titles.values()}) == len(titles)


def test_without_prometheus_nothing_asks_for_it() -> None:
    for each in all_dashboards(prometheus=False):
        assert str(PROMETHEUS.uid) not in json.dumps(each.model)


@pytest.mark.parametrize("name", ["structure", "definition"])
def test_fixed_choices_are_written_as_grafana_reads_them(published: list[Published], name: str) -> None:
    agency: dict[str, Any] = next(each.model for each in published if each.uid == "emc-agency")
    variable = next(v for v in agency["templating"]["list"] if v["name"] == name)
    pairs = [each.split(" : ") for each in re.split(r"(?<!\\),", variable["query"])]
    assert [pair[1] for pair in pairs] == [option["value"] for option in variable["options"]]
    assert [pair[0].replace("\\,", ",") for pair in pairs] == [
        option["text"] for option in variable["options"]
    ]
