"""The dashboards as provisioning files."""

import json
from pathlib import Path

import yaml

from dashboards import sources
from dashboards.catalogue import Published
from dashboards.export import export

DEPLOYED = Path(__file__).parents[2] / "deploy" / "grafana"
PLACE = "/etc/grafana/emc/dashboards"
SOURCES = [
    sources.clickhouse("http://grafana@clickhouse:8123/emc"),
    sources.prometheus("http://prometheus:9090"),
]


def test_files_hold_what_would_be_published(tmp_path: Path, published: list[Published]) -> None:
    files = export(tmp_path, SOURCES, published, PLACE)
    assert len(files) == 12
    for each in published:
        (path,) = tmp_path.glob(f"dashboards/*/{each.uid}.json")
        assert json.loads(path.read_text(encoding="utf-8")) == each.model


def test_provisioning_names_folders_and_sources_and_no_password(
    tmp_path: Path, published: list[Published]
) -> None:
    export(tmp_path, [sources.clickhouse("http://grafana:XXX@clickhouse/emc")], published, PLACE)
    providers = yaml.safe_load((tmp_path / "provisioning/dashboards/emc.yaml").read_text(encoding="utf-8"))
    assert [each["folderUid"] for each in providers["providers"]] == ["emc-vi", "emc-en"]
    assert providers["providers"][0]["options"]["path"] == f"{PLACE}/vi"
    text = (tmp_path / "provisioning/datasources/emc.yaml").read_text(encoding="utf-8")
    (source,) = yaml.safe_load(text)["datasources"]
    assert source["uid"] == "emc-clickhouse"
    assert source["secureJsonData"]["password"].startswith("$__file{")
    assert "XXX" not in text


def test_the_files_of_the_deployment_are_up_to_date(tmp_path: Path, published: list[Published]) -> None:
    for path in export(tmp_path, SOURCES, published, PLACE):
        deployed = DEPLOYED / path.relative_to(tmp_path)
        assert deployed.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
            "run: emc dashboards export deploy/grafana"
        )
