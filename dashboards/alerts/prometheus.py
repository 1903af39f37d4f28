"""Prometheus' own configuration and its rules files."""

from collections.abc import Iterable

from dashboards.alerts.agency_rules import agency_rules
from dashboards.alerts.form import Thresholds
from dashboards.alerts.pipeline_rules import pipeline_rules
from dashboards.alerts.rule import Rule

Config = dict[str, object]
API_PORT, WORKER_PORT = 8000, 8001
METRICS_TOKEN = "/run/secrets/metrics_token"
"""Containers give their metrics to who brings this token (`EMC_METRICS_TOKEN_FILE`)."""


def all_rules(thresholds: Thresholds) -> list[Rule]:
    """Every alert rule, those of agencies first."""
    return [*agency_rules(thresholds), *pipeline_rules(thresholds)]


def rules_file(name: str, rules: Iterable[Rule], thresholds: Thresholds) -> Config:
    """A file of one group of rules."""
    interval = thresholds.pace.evaluation_interval
    shown = [rule.as_yaml(thresholds) for rule in rules]
    return {"groups": [{"name": name, "interval": interval, "rules": shown}]}


def prometheus_config(
    thresholds: Thresholds,
    *,
    targets: dict[str, list[str]] | None = None,
    alertmanager: str = "alertmanager:9093",
) -> Config:
    """prometheus.yml. `targets`: addresses by job; by default all containers of api and worker."""
    return {
        "global": {
            "scrape_interval": thresholds.pace.scrape_interval,
            "evaluation_interval": thresholds.pace.evaluation_interval,
            "external_labels": {"monitor": "emc"},
        },
        "rule_files": ["rules/*.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [
            _job(
                f"emc-{service}", [(service, port)] if targets is None else targets.get(f"emc-{service}", [])
            )
            for service, port in (("api", API_PORT), ("worker", WORKER_PORT))
        ],
    }


def _job(name: str, places: list[tuple[str, int]] | list[str]) -> Config:
    names = [place for place in places if isinstance(place, str)]
    services = [place for place in places if not isinstance(place, str)]
    job: Config = {"job_name": name}
    if services:
        job["dns_sd_configs"] = [
            {"names": [service], "type": "A", "port": port, "refresh_interval": "15s"}
            for service, port in services
        ]
        job["authorization"] = {"credentials_file": METRICS_TOKEN}
    else:
        job["static_configs"] = [{"targets": names}]
    return job
