"""`emc status`: what it says while all is well, and while it is not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.commands.findings import Finding, doubtful, show, well
from cli.commands.status import _of_audit, _of_health, _of_sources
from dashboards.alerts.limits import FileLimits
from dashboards.alerts.thresholds import site_thresholds
from emc.registry import load_registry
from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, lines

THRESHOLDS = site_thresholds(None)
LIMITS = FileLimits(THRESHOLDS, load_registry())


def by_check(findings: Any) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}


def source(agency: str, days: int) -> dict[str, str]:
    arrived = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    return {
        "agency": agency,
        "source": f"/agencies/{agency}/onestop",
        "last_arrival": arrived,
        "last_time": arrived,
    }


def test_one_screen_of_a_running_service(service: Service) -> None:
    found = {each["check"]: each for each in lines(done("status", "--json", "--data-dir", service.data_dir))}
    assert list(found) == ["service", "lag", "refusals", "audit", "freshness", "sources", "alerts", "disk"]
    assert (found["service"]["found"], found["lag"]["found"]) == ("ok", "0 messages")
    shown = done("status", "--data-dir", service.data_dir)
    assert len(shown.splitlines()) <= 24
    assert "ok    service" in shown


def test_nothing_to_look_at_is_told(tmp_path: Path) -> None:
    assert "holds no data of a monitor" in complaint("status", "--data-dir", tmp_path / "none", code=1)


@pytest.mark.parametrize(
    ("health", "said"),
    [
        ({"status": "ok", "lag": 0}, {"service": "ok", "lag": "ok", "refusals": "ok", "audit": "ok"}),
        ({"status": "degraded", "lag": None, "waiting_for": "Kafka"}, {"service": "warn", "lag": "warn"}),
        ({"status": "down", "lag": 10**9}, {"service": "fail", "lag": "fail"}),
        ({"status": "ok", "lag": 0, "broken_sources": ["/agencies/H25/x"]}, {"refusals": "warn"}),
        ({"status": "degraded", "lag": 0, "audit": {"different": 3}}, {"audit": "fail"}),
    ],
)
def test_what_is_not_well_is_marked(health: dict[str, Any], said: dict[str, str]) -> None:
    found = by_check(_of_health(health, THRESHOLDS))
    assert {name: found[name].status for name in said} == said
    assert all(finding.advice for finding in found.values() if finding.status != "ok")


def test_silent_sources_are_named_and_closed_agencies_are_not() -> None:
    closed = next(agency.code for agency in load_registry().agencies.values() if agency.successor)
    found = by_check(_of_sources([source("H42", 60), source("H26", 0), source(closed, 60)], LIMITS))
    assert found["sources"].found.startswith("silent: 1 of 3: /agencies/H42/onestop since ")
    assert "/agencies/H26/onestop" in found["freshness"].found


def test_an_audit_is_told() -> None:
    assert _of_audit({"checked": 12_000, "different": 0}).found == "12 000 rows compared, none differs"


def test_a_mark_is_coloured_and_others_texts_steer_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show(well("service", "a\x1b[2Jb"))
    show(doubtful("service", "x", "Do."))
    told = capsys.readouterr().out
    assert told.splitlines()[0].split() == ["ok", "service", "a\\x1b[2Jb"]
    assert "→ Do." in told
