"""Prometheus' own configuration and its rules files."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

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


class Places(NamedTuple):
    """Where Prometheus finds what is no container: `host:port` each. `token_file`: to read metrics."""

    api: tuple[str, ...]
    worker: tuple[str, ...] = ()
    alertmanager: str = "127.0.0.1:9093"
    token_file: str | None = None


def prometheus_config(thresholds: Thresholds, places: Places | None = None) -> Config:
    """prometheus.yml: for the places named, by default for all containers of api and worker."""
    return {
        "global": {
            "scrape_interval": thresholds.pace.scrape_interval,
            "evaluation_interval": thresholds.pace.evaluation_interval,
            "external_labels": {"monitor": "emc"},
        },
        "rule_files": ["rules/*.yml"],
        "alerting": {
            "alertmanagers": [
                {"static_configs": [{"targets": [places.alertmanager if places else "alertmanager:9093"]}]}
            ]
        },
        "scrape_configs": _containers() if places is None else list(_named(places)),
    }


def _containers() -> list[Config]:
    """Every container of a service that Docker's names tell of."""
    return [
        {
            "job_name": f"emc-{service}",
            "dns_sd_configs": [{"names": [service], "type": "A", "port": port, "refresh_interval": "15s"}],
            "authorization": {"credentials_file": METRICS_TOKEN},
        }
        for service, port in (("api", API_PORT), ("worker", WORKER_PORT))
    ]


def _named(places: Places) -> Iterator[Config]:
    token = {"authorization": {"credentials_file": places.token_file}} if places.token_file else {}
    for service, targets in (("api", places.api), ("worker", places.worker)):
        if targets:
            yield {"job_name": f"emc-{service}", "static_configs": [{"targets": list(targets)}], **token}
