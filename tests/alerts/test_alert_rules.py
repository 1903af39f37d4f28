"""The generated files: up to date, valid, tested for every alert, documented."""

import re
from pathlib import Path
from typing import get_args

import pytest

from dashboards.alerts.agency_scenarios import agency_scenarios
from dashboards.alerts.files import ROOT, generated_files
from dashboards.alerts.pipeline_scenarios import pipeline_scenarios
from dashboards.alerts.prometheus import all_rules
from dashboards.alerts.rule import Dashboard
from dashboards.alerts.thresholds import load_thresholds
from dashboards.board import TITLES
from sinks.prometheus.metrics import ALL
from tests.alerts.programs import run

THRESHOLDS = load_thresholds()
RULES = all_rules(THRESHOLDS)
PROMETHEUS = ROOT / "deploy" / "prometheus"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(generated_files(THRESHOLDS)))
def test_a_generated_file_is_what_the_generator_writes(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == generated_files(THRESHOLDS)[name], (
        "run `python -m dashboards.alerts`"
    )


@pytest.mark.needs("promtool")
def test_prometheus_accepts_its_configuration_and_the_rules() -> None:
    # the token of the metrics lies in the container only; the rules are checked below
    said = run("promtool", "check", "config", "--syntax-only", PROMETHEUS / "prometheus.yml")
    said += run("promtool", "check", "rules", *sorted(PROMETHEUS.glob("rules/*.yml")))
    assert "FAILED" not in said
    assert "lint error" not in said


@pytest.mark.needs("promtool")
@pytest.mark.parametrize("name", ["agencies", "pipeline", "calendar"])
def test_the_rules_pass_their_tests(name: str) -> None:
    assert "SUCCESS" in run("promtool", "test", "rules", PROMETHEUS / "tests" / f"{name}.yml")


def test_every_alert_has_tests() -> None:
    tested = {each.alert for each in [*agency_scenarios(THRESHOLDS), *pipeline_scenarios(THRESHOLDS)]}
    assert tested | {"Watchdog"} == {rule.alert for rule in RULES}


@pytest.mark.needs("promtool")
def test_a_broken_rule_fails_its_tests(tmp_path: Path) -> None:
    """Otherwise the tests above would prove nothing."""
    for folder in ("rules", "tests"):
        (tmp_path / folder).mkdir()
        for path in (PROMETHEUS / folder).glob("*.yml"):
            (tmp_path / folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    rules = tmp_path / "rules" / "agencies.yml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("  < on (metric", "  > on (metric", 1), encoding="utf-8")
    assert rules.read_text(encoding="utf-8") != text
    with pytest.raises(pytest.fail.Exception, match="DataReuseBelowThreshold"):
        run("promtool", "test", "rules", tmp_path / "tests" / "agencies.yml")


def test_every_alert_has_a_section_in_the_runbook_and_every_section_an_alert() -> None:
    sections = set(re.findall(r"^### (\w+)$", OPERATIONS, re.MULTILINE))
    assert sections == {rule.alert for rule in RULES}


def test_every_alert_says_what_where_and_what_to_do() -> None:
    for rule in RULES:
        annotations = rule.annotations(THRESHOLDS)
        assert set(annotations) == {"summary", "description", "dashboard", "runbook_url"}
        assert all(annotations.values())
        assert annotations["dashboard"].startswith(
            f"{THRESHOLDS.links.grafana}/d/emc-{rule.dashboard.partition(':')[0]}"
        )


def test_alerts_link_to_dashboards_that_there_are() -> None:
    assert {name.partition(":")[0] for name in get_args(Dashboard)} == set(TITLES)


def test_an_alert_about_a_rate_leads_to_that_rate() -> None:
    at = {rule.alert: rule.annotations(THRESHOLDS)["dashboard"] for rule in RULES}
    for alert in ("RateDropped", "RateRose"):
        assert at[alert].endswith("&var-definition={{ $labels.metric }}/{{ $labels.definition }}")
    assert "var-definition" not in at["SourceBroken"]


def test_rules_use_named_metrics_only() -> None:
    named = {each.name for each in ALL}
    for rule in RULES:
        for text in (rule.expr, *rule.annotations(THRESHOLDS).values()):
            assert set(re.findall(r"\bemc_\w+", text)) <= named


def test_alerts_of_agencies_bear_an_agency() -> None:
    for rule in RULES:
        assert (rule.scope == "agency") == ("agency" in rule.expr and 'agency=""' not in rule.expr), (
            rule.alert
        )
