"""The files that are generated, as text, and where they lie in the repository."""

from pathlib import Path
from typing import Any

import yaml

from dashboards.alerts.agency_rules import agency_rules
from dashboards.alerts.alertmanager import alertmanager_config
from dashboards.alerts.pipeline_rules import pipeline_rules
from dashboards.alerts.prometheus import prometheus_config, rules_file
from dashboards.alerts.promtool import agency_tests, calendar_tests, pipeline_tests
from dashboards.alerts.reference import metrics_page
from dashboards.alerts.thresholds import Thresholds

ROOT = Path(__file__).parents[2]
_HEADER = (
    "# Generated from dashboards/alerts/thresholds.toml by `python -m dashboards.alerts`. Change it there.\n"
)


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: lists indented, texts of several lines as blocks, nothing shared."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def as_yaml(config: object) -> str:
    """The text of a generated YAML file."""
    return _HEADER + yaml.dump(config, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)


def generated_files(thresholds: Thresholds) -> dict[str, str]:
    """The text of every generated file, by its path in the repository."""
    return {
        "deploy/prometheus/prometheus.yml": as_yaml(prometheus_config(thresholds)),
        "deploy/prometheus/rules/agencies.yml": as_yaml(
            rules_file("emc-agencies", agency_rules(thresholds), thresholds)
        ),
        "deploy/prometheus/rules/pipeline.yml": as_yaml(
            rules_file("emc-pipeline", pipeline_rules(thresholds), thresholds)
        ),
        "deploy/prometheus/tests/agencies.yml": as_yaml(agency_tests(thresholds)),
        "deploy/prometheus/tests/pipeline.yml": as_yaml(pipeline_tests(thresholds)),
        "deploy/prometheus/tests/calendar.yml": as_yaml(calendar_tests(thresholds)),
        "deploy/alertmanager/alertmanager.yml": as_yaml(alertmanager_config(thresholds)),
        "docs/metrics.md": metrics_page(),
    }


def write_files(thresholds: Thresholds, root: Path = ROOT) -> list[str]:
    """Writes those that differ; returns their paths."""
    written = []
    for name, text in generated_files(thresholds).items():
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(name)
    return written
