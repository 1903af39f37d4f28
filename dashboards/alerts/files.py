"""The files that are generated, as text, and where they lie in the repository."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from dashboards.alerts.agency_rules import agency_rules
from dashboards.alerts.alertmanager import alertmanager_config
from dashboards.alerts.form import Thresholds
from dashboards.alerts.pipeline_rules import pipeline_rules
from dashboards.alerts.prometheus import Places, prometheus_config, rules_file
from dashboards.alerts.promtool import agency_tests, calendar_tests, pipeline_tests
from dashboards.alerts.reference import metrics_page
from emc.errors import SettingError

ROOT = Path(__file__).parents[2]
_HEADER = "# Generated from the thresholds file by `emc alerts export`. Change it there.\n"


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


def deployed_files(thresholds: Thresholds, places: Places | None = None) -> dict[str, str]:
    """The text of every file that Prometheus, promtool or Alertmanager reads, by its path in `deploy`."""
    agencies = rules_file("emc-agencies", agency_rules(thresholds), thresholds)
    pipeline = rules_file("emc-pipeline", pipeline_rules(thresholds), thresholds)
    contents: dict[str, object] = {
        "prometheus/prometheus.yml": prometheus_config(thresholds, places),
        "prometheus/rules/agencies.yml": agencies,
        "prometheus/rules/pipeline.yml": pipeline,
        "prometheus/tests/agencies.yml": agency_tests(thresholds),
        "prometheus/tests/pipeline.yml": pipeline_tests(thresholds),
        "prometheus/tests/calendar.yml": calendar_tests(thresholds),
        "alertmanager/alertmanager.yml": alertmanager_config(thresholds),
    }
    return {name: as_yaml(content) for name, content in contents.items()}


def generated_files(thresholds: Thresholds) -> dict[str, str]:
    """The text of every generated file, by its path in the repository."""
    deployed = {f"deploy/{name}": text for name, text in deployed_files(thresholds).items()}
    return deployed | {"docs/metrics.md": metrics_page()}


def write_files(files: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """Writes those that differ below `root` and returns their names; SettingError when it cannot."""
    written = []
    try:
        for name, text in files.items():
            path = root / name
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                written.append(name)
    except OSError as error:
        raise SettingError(f"{root} cannot be written ({error.strerror})") from None
    return written
