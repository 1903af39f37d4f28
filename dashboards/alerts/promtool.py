"""Tests of the rules for `promtool test rules`: of every scenario, of the calendar, and of the watchdog."""

from collections.abc import Iterable, Iterator

from dashboards.alerts.agency_scenarios import Subject, agency_scenarios
from dashboards.alerts.form import Thresholds
from dashboards.alerts.pipeline_scenarios import pipeline_scenarios
from dashboards.alerts.prometheus import all_rules
from dashboards.alerts.scenario import Scenario, Test, firing
from dashboards.alerts.thresholds import seconds
from sinks.prometheus import metrics

AGENCY_RULES, PIPELINE_RULES = "../rules/agencies.yml", "../rules/pipeline.yml"


def scenarios(thresholds: Thresholds) -> list[Scenario]:
    """All scenarios."""
    return [*agency_scenarios(thresholds), *pipeline_scenarios(thresholds)]


def agency_tests(thresholds: Thresholds) -> dict[str, object]:
    """A test file over the rules of agencies."""
    tests = _tests(agency_scenarios(thresholds), thresholds)
    return _file(tests, "1m", AGENCY_RULES)


def pipeline_tests(thresholds: Thresholds) -> dict[str, object]:
    """A test file over the rules of the monitor itself."""
    tests = _tests(pipeline_scenarios(thresholds), thresholds)
    return _file([*tests, _watchdog(thresholds)], "1m", PIPELINE_RULES)


def _tests(scenarios: Iterable[Scenario], thresholds: Thresholds) -> list[Test]:
    # of several rules of one alert the first is the one without overrides
    rules = {rule.alert: rule for rule in reversed(all_rules(thresholds))}
    return [test for each in scenarios for test in each.tests(rules[each.alert], thresholds)]


def calendar_tests(thresholds: Thresholds) -> dict[str, object]:
    """Tests that take days of the rules' time, evaluated more seldom."""
    return _file([_previous_month(thresholds), _quiet_week(thresholds)], "30m", AGENCY_RULES, PIPELINE_RULES)


def _file(tests: list[Test], interval: str, *rules: str) -> dict[str, object]:
    return {"rule_files": list(rules), "evaluation_interval": interval, "tests": tests}


def _watchdog(thresholds: Thresholds) -> Test:
    rule = next(rule for rule in all_rules(thresholds) if rule.alert == "Watchdog")
    alerts = [{"exp_labels": rule.labels(), "exp_annotations": rule.annotations(thresholds)}]
    return {
        "name": "Watchdog: fires always, also without any data",
        "interval": "1m",
        "input_series": [],
        "alert_rule_test": [
            {"eval_time": at, "alertname": "Watchdog", "exp_alerts": alerts} for at in ("0m", "1h")
        ],
    }


def _previous_month(thresholds: Thresholds) -> Test:
    """The clock of promtool begins on 1 January 1970, 7 o'clock in Asia/Ho_Chi_Minh."""
    subject, below = Subject(thresholds), thresholds.below["data_reuse"]
    last_day = thresholds.judged.previous_month_until_day
    midnight = last_day * 24 - 7
    keep = int(seconds(below.keep_firing_for) // 3600)
    labels = f'metric="data_reuse", definition="received", agency="{subject.code}"'
    month = f'{labels}, period="previous_month"'
    values = {
        f"{metrics.RATE.name}{{{month}}}": 0.01,
        f"{metrics.DENOMINATOR.name}{{{month}}}": 500.0,
        f"{metrics.THRESHOLD.name}{{{labels}}}": 0.05,
        f"{metrics.MINIMUM.name}{{{labels}}}": 200.0,
    }
    series = [{"series": name, "values": f"{value:g}x450"} for name, value in (values | subject.info).items()]
    alert = 'alertname="DataReuseBelowThreshold"'
    return {
        "name": f"DataReuseBelowThreshold: the previous month is judged until day {last_day}",
        "interval": "30m",
        "input_series": series,
        "promql_expr_test": [
            firing(alert, f"{midnight - 1}h", 1),
            firing(alert, f"{midnight + keep + 1}h", 0),
            firing(alert, f"{midnight + 48}h", 0),
        ],
    }


def _quiet_week(thresholds: Thresholds) -> Test:
    """A week of holidays: nothing arrives, nothing waits, working time stands still."""
    agency = Subject(thresholds).code
    series: dict[str, str] = {
        f'{metrics.SOURCE_SILENT.name}{{agency="{agency}", source="/agencies/{agency}"}}': "1800x450",
        f'{metrics.SOURCE_LIMIT.name}{{agency="{agency}", source="/agencies/{agency}"}}': "14400x450",
        f'{metrics.RATE.name}{{metric="data_reuse", period="year"}}': "0.5x450",
        f'{metrics.WAITING.name}{{component="kafka"}}': "0x450",
        metrics.EXPORTER_UP.name: "1x450",
        metrics.LAG.name: "0x450",
        metrics.BATCHES.name: "7x450",
        metrics.PARTS.name: "9x450",
    }
    return {
        "name": "A week of Tết: no page, no alert of an agency",
        "interval": "30m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": list(_calm()),
    }


def _calm() -> Iterator[Test]:
    for hour in range(1, 9 * 24, 12):
        yield firing('severity="page"', f"{hour}h", 0)
        yield firing('scope="agency"', f"{hour}h", 0)
