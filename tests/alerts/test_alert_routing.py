"""Who is told: the routes by amtool, and muting and hiding by a real Alertmanager."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboards.alerts.files import ROOT
from dashboards.alerts.form import WEEKDAYS
from emc.instants import today
from tests.alerts.hurried import hurried, write_alertmanager
from tests.alerts.programs import alertmanager, get, post, run, until
from tests.alerts.receiving import Received, receiver

pytestmark = pytest.mark.needs("amtool", "prometheus-alertmanager")
COMMITTED = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
AGENCY_ALERT = {"alertname": "SourceSilent", "scope": "agency", "severity": "notice"}
PAGE = {"alertname": "DiskFull", "scope": "pipeline", "severity": "page", "disk": "default"}
TICKET = {"alertname": "AuditDifferences", "scope": "pipeline", "severity": "ticket"}
BLINDING = {"alertname": "PipelineLag", "scope": "pipeline", "severity": "page", "hides": "agency"}
WATCHDOG = {"alertname": "Watchdog", "scope": "watchdog", "severity": "none"}


def routed(config: Path, labels: dict[str, str]) -> list[str]:
    """The receivers of an alert with these labels."""
    given = [f"{name}={value}" for name, value in labels.items()]
    answer = run("amtool", "config", "routes", "test", f"--config.file={config}", *given)
    return [line for line in answer.splitlines() if line and not line.startswith("Warning")][-1].split(",")


@contextmanager
def telling(
    directory: Path, holidays: list[date] | None = None, weekdays: str = "monday:sunday"
) -> Iterator[tuple[str, Received]]:
    """A running Alertmanager that tells this test."""
    with receiver() as received:
        config = write_alertmanager(hurried(received.url, holidays, weekdays), directory)
        with alertmanager(config, directory / "data") as url:
            yield url, received


def fire(url: str, *alerts: dict[str, str]) -> None:
    """Alerts as Prometheus sends them."""
    post(f"{url}/api/v2/alerts", [{"labels": labels} for labels in alerts])


def names(received: Received, path: str) -> set[str]:
    return {alert["labels"]["alertname"] for each in received.of(path) for alert in each.content["alerts"]}


def test_the_committed_configuration_is_valid() -> None:
    assert "SUCCESS" in run("amtool", "check-config", COMMITTED)


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        (AGENCY_ALERT | {"agency": "H44"}, ["operators"]),
        (PAGE, ["on-call"]),
        (BLINDING, ["on-call"]),
        (TICKET, ["operators"]),
        (WATCHDOG, ["watchdog"]),
    ],
)
def test_every_kind_of_alert_has_its_receiver(labels: dict[str, str], receivers: list[str]) -> None:
    assert routed(COMMITTED, labels) == receivers


def test_an_agency_with_a_receiver_is_told_besides_the_operators(tmp_path: Path) -> None:
    config = write_alertmanager(hurried("http://127.0.0.1:9"), tmp_path)
    assert "SUCCESS" in run("amtool", "check-config", config)
    assert routed(config, AGENCY_ALERT | {"agency": "H44"}) == ["agency-H44", "operators"]
    assert routed(config, AGENCY_ALERT | {"agency": "H26"}) == ["operators"]
    assert routed(config, PAGE | {"agency": "H44"}) == ["on-call"]


def test_on_a_holiday_agencies_and_tickets_wait_and_pages_do_not(tmp_path: Path) -> None:
    """From yesterday to tomorrow, so that no midnight comes between."""
    days = [today() + timedelta(days=n) for n in (-1, 0, 1)]
    with telling(tmp_path, days) as (url, received):
        assert_only_pages_come(url, received)


def test_outside_working_hours_too(tmp_path: Path) -> None:
    in_three_days = WEEKDAYS[(today().weekday() + 3) % 7]
    with telling(tmp_path, weekdays=in_three_days) as (url, received):
        assert_only_pages_come(url, received)


def assert_only_pages_come(url: str, received: Received) -> None:
    """The watchdog's messages measure the time that the others would have had."""
    fire(url, AGENCY_ALERT | {"agency": "H44"}, TICKET, WATCHDOG)
    until(lambda: len(received.of("/watchdog")) > 2)
    fire(url, PAGE)
    received.first("/on-call", "DiskFull")
    assert received.of("/operators") == []
    assert received.of("/agency-H44") == []


def test_alerts_of_one_agency_come_together(tmp_path: Path) -> None:
    with telling(tmp_path) as (url, received):
        fire(
            url,
            AGENCY_ALERT | {"agency": "H44", "source": "/agencies/H44/a"},
            AGENCY_ALERT | {"agency": "H44", "source": "/agencies/H44/b"},
            AGENCY_ALERT | {"agency": "H26"},
        )
        told = received.first("/agency-H44", "SourceSilent")
        assert len(told.content["alerts"]) == 2
        until(lambda: len(received.of("/operators")) == 2)
        assert {each.content["groupLabels"]["agency"] for each in received.of("/operators")} == {"H44", "H26"}


def test_while_the_pipeline_lags_alerts_of_agencies_are_held_back(tmp_path: Path) -> None:
    with telling(tmp_path) as (url, received):
        fire(url, BLINDING)
        received.first("/on-call", "PipelineLag")
        fire(url, AGENCY_ALERT | {"agency": "H44"}, TICKET)
        received.first("/operators", "AuditDifferences")
        (held,) = until(lambda: _shown(url, "SourceSilent"))
        assert held["status"]["state"] == "suppressed"
        assert held["status"]["inhibitedBy"]
        assert names(received, "/operators") == {"AuditDifferences"}
        assert received.of("/agency-H44") == []


def test_a_silence_of_one_source_leaves_the_others(tmp_path: Path) -> None:
    """What `docs/operations.md` says to do by hand."""
    source = "/agencies/H44/one-stop"
    with telling(tmp_path) as (url, received):
        run(
            "amtool", f"--alertmanager.url={url}", "silence", "add", f"source={source}",
            "--duration=1h", "--author=test", "--comment=moves",
        )  # fmt: skip
        alert = AGENCY_ALERT | {"agency": "H44"}
        fire(url, alert | {"source": source}, alert | {"source": "/agencies/H44/other"})
        told = received.first("/agency-H44", "SourceSilent")
        assert [each["labels"]["source"] for each in told.content["alerts"]] == ["/agencies/H44/other"]


def _shown(url: str, name: str) -> list[dict[str, Any]]:
    alerts = get(f"{url}/api/v2/alerts") or []
    return [
        each
        for each in alerts
        if each["labels"]["alertname"] == name and each["status"]["state"] != "unprocessed"
    ]
