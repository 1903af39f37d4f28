"""Writing the generated files: those shipped, and a site's own."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cli.commands.alerts import alerts
from dashboards.alerts.__main__ import main
from dashboards.alerts.files import deployed_files, generated_files, write_files
from dashboards.alerts.thresholds import FILE, load_thresholds
from emc.errors import InputError, SettingError
from tests.alerts.programs import run

_RECEIVER = """
[agencies.H44]
webhook = "http://127.0.0.1:9/h44"
[pace]"""


def test_files_are_written_once(tmp_path: Path) -> None:
    files = generated_files(load_thresholds())
    assert write_files(files, tmp_path) == list(files)
    assert write_files(files, tmp_path) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(SettingError, match="taken cannot be written"):
        write_files({"rules.yml": ""}, tmp_path / "taken")


def test_a_sites_own_file_becomes_its_rules_and_routes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "mine.toml"
    shipped = FILE.read_text(encoding="utf-8")
    own.write_text(shipped.replace('for = "30m"', 'for = "45m"').replace("[pace]", _RECEIVER), "utf-8")
    monkeypatch.setenv("EMC_THRESHOLDS", str(own))
    done = CliRunner().invoke(alerts, ["export", str(tmp_path / "out")], catch_exceptions=False)
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == len(deployed_files(load_thresholds(own)))
    assert "for: 45m" in (tmp_path / "out/prometheus/rules/agencies.yml").read_text("utf-8")
    assert "agency-H44" in (tmp_path / "out/alertmanager/alertmanager.yml").read_text("utf-8")
    again = CliRunner().invoke(alerts, ["export", str(tmp_path / "out")], catch_exceptions=False)
    assert again.stdout == ""


@pytest.mark.needs("promtool")
def test_the_files_for_services_on_machines_are_valid(tmp_path: Path) -> None:
    places = ("--target", "http://127.0.0.1:8000", "--target", "[::1]:8000", "--worker", "10.0.0.2:8001")
    more = ("--alertmanager", "127.0.0.1:9093", "--token-file", "/etc/emc/metrics_token")
    done = CliRunner().invoke(alerts, ["export", str(tmp_path), *places, *more], catch_exceptions=False)
    assert done.exit_code == 0
    config = tmp_path / "prometheus" / "prometheus.yml"
    run("promtool", "check", "config", "--syntax-only", config)
    api, worker = yaml.safe_load(config.read_text(encoding="utf-8"))["scrape_configs"]
    assert api["static_configs"][0]["targets"] == ["127.0.0.1:8000", "[::1]:8000"]
    assert (worker["job_name"], worker["static_configs"][0]["targets"]) == ("emc-worker", ["10.0.0.2:8001"])
    assert worker["authorization"] == {"credentials_file": "/etc/emc/metrics_token"}
    alone = CliRunner().invoke(alerts, ["export", str(tmp_path), "--target", "127.0.0.1:8000"])
    assert alone.exit_code == 0
    (only,) = yaml.safe_load(config.read_text(encoding="utf-8"))["scrape_configs"]
    assert (only["job_name"], "authorization" in only) == ("emc-api", False)
    run("promtool", "check", "config", config)


@pytest.mark.parametrize(
    "place", ["127.0.0.1", "https://monitor.example:8000", "127.0.0.1:80000", ":8000", "a b:1"]
)
def test_a_place_that_is_none_is_told(place: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected host:port"):
        CliRunner().invoke(
            alerts, ["export", str(tmp_path / "out"), "--target", place], catch_exceptions=False
        )
    assert not (tmp_path / "out").exists()


def test_a_wrong_file_writes_nothing_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[links]\n", encoding="utf-8")
    assert main([str(path)]) == 1
    said = capsys.readouterr()
    assert "mine.toml: Object missing required field" in said.err
    assert said.out == ""
