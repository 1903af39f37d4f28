"""The thresholds with seconds for minutes and all hours for working hours: the same rules, only sooner."""

from datetime import date
from pathlib import Path

from msgspec.structs import replace

from dashboards.alerts.agency_rules import agency_rules
from dashboards.alerts.alertmanager import alertmanager_config
from dashboards.alerts.files import as_yaml
from dashboards.alerts.form import Holiday, Pace, Receiver, Receivers, Thresholds, WorkingHours
from dashboards.alerts.pipeline_rules import pipeline_rules
from dashboards.alerts.prometheus import Places, prometheus_config, rules_file
from dashboards.alerts.thresholds import load_thresholds

FOR = "2s"
PACE = Pace(
    group_wait="1s",
    group_interval="1s",
    repeat_interval="1h",
    page_repeat_interval="1h",
    watchdog_interval="1s",
    scrape_interval="1s",
    evaluation_interval="1s",
)


def hurried(url: str, holidays: list[date] | None = None, weekdays: str = "monday:sunday") -> Thresholds:
    """Notifications go to paths of `url`; H44 has a receiver of its own."""
    usual = load_thresholds()
    return replace(
        usual,
        pace=PACE,
        working_hours=WorkingHours(weekdays=weekdays, from_="00:00", to="24:00"),
        holidays=[Holiday(name="a day off", from_=day, to=day) for day in holidays or []],
        below={"data_reuse": replace(usual.below["data_reuse"], for_=FOR, keep_firing_for="3s")},
        receivers=Receivers(
            operators=Receiver(webhook=f"{url}/operators"),
            on_call=Receiver(webhook=f"{url}/on-call"),
            watchdog=Receiver(webhook=f"{url}/watchdog"),
        ),
        agencies={"H44": Receiver(webhook=f"{url}/agency-H44")},
    )


def write_alertmanager(thresholds: Thresholds, directory: Path) -> Path:
    """Its configuration file."""
    path = directory / "alertmanager.yml"
    path.write_text(as_yaml(alertmanager_config(thresholds)), encoding="utf-8")
    return path


def write_prometheus(thresholds: Thresholds, directory: Path, target: str, alertmanager: str) -> Path:
    """Its configuration file, with the rules beside it."""
    (directory / "rules").mkdir()
    for name, rules in (("agencies", agency_rules), ("pipeline", pipeline_rules)):
        text = as_yaml(rules_file(name, rules(thresholds), thresholds))
        (directory / "rules" / f"{name}.yml").write_text(text, encoding="utf-8")
    config = prometheus_config(thresholds, Places((target,), alertmanager=alertmanager))
    path = directory / "prometheus.yml"
    path.write_text(as_yaml(config), encoding="utf-8")
    return path
