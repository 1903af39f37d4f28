"""Publishing against a server that behaves as Grafana's API: what is made, changed, left alone, refused."""

import copy
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from cli.commands.dashboards import dashboards as command
from dashboards import sources
from dashboards.catalogue import Published
from dashboards.grafana import Conflict, Grafana
from dashboards.publisher import Change, Publisher, differing
from emc.errors import ComponentError, SettingError
from tests.dashboards.grafana_stand_in import TOKEN, GrafanaStandIn, grafana_stand_in

SOURCES = [
    sources.clickhouse("http://reader:XXX@127.0.0.1:8123/emc"),
    sources.prometheus("http://127.0.0.1:9090"),
]


@pytest.fixture
def grafana() -> Iterator[GrafanaStandIn]:
    """An empty Grafana."""
    with grafana_stand_in() as held:
        yield held


@pytest.fixture
def few(published: list[Published]) -> list[Published]:
    """One dashboard of each language."""
    return [published[0], published[-1]]


def publish(
    grafana: GrafanaStandIn, few: list[Published], *, dry: bool = False, timeout: float = 20
) -> list[Change]:
    """Everything that was, or would be, done."""
    publisher = Publisher(Grafana(grafana.url, timeout=timeout), dry)
    publisher.check(SOURCES)
    return list(publisher.publish(SOURCES, few))


def actions(changes: list[Change]) -> set[str]:
    return {change.action for change in changes}


def test_an_empty_grafana_gets_everything(grafana: GrafanaStandIn, published: list[Published]) -> None:
    changes = publish(grafana, published)
    assert actions(changes) == {"create"}
    assert len(changes) == 2 + 2 + 10
    assert set(grafana.dashboards) == {each.uid for each in published}
    assert {stored["meta"]["folderUid"] for stored in grafana.dashboards.values()} == {"emc-vi", "emc-en"}
    assert grafana.sources["emc-clickhouse"]["jsonData"]["protocol"] == "http"


def test_publishing_twice_changes_nothing(grafana: GrafanaStandIn, published: list[Published]) -> None:
    publish(grafana, published)
    grafana.writes.clear()
    assert actions(publish(grafana, published)) == {"unchanged"}
    assert grafana.writes == []


def test_what_was_changed_by_hand_is_brought_back(grafana: GrafanaStandIn, few: list[Published]) -> None:
    publish(grafana, few)
    stored = grafana.dashboards[few[0].uid]
    stored["dashboard"]["panels"][0]["title"] = "by hand"
    stored["meta"]["folderUid"] = "elsewhere"
    grafana.folders["emc-vi"]["title"] = "by hand"
    grafana.sources["emc-clickhouse"]["jsonData"]["port"] = 1
    grafana.sources["emc-clickhouse"]["jsonData"]["tlsSkipVerify"] = True
    changed = {c.uid: c.differences for c in publish(grafana, few) if c.action == "update"}
    assert changed == {
        "emc-clickhouse": ("jsonData.port",),
        "emc-vi": ("title",),
        few[0].uid: ("panels[0].title", "folder"),
    }
    assert grafana.dashboards[few[0].uid]["dashboard"]["version"] == 2
    settings = grafana.sources["emc-clickhouse"]
    assert settings["jsonData"]["tlsSkipVerify"]
    assert settings["isDefault"]
    assert actions(publish(grafana, few)) == {"unchanged"}


def test_a_dry_run_writes_nothing(grafana: GrafanaStandIn, few: list[Published]) -> None:
    assert actions(publish(grafana, few, dry=True)) == {"create"}
    assert grafana.writes == []


def test_a_data_source_from_a_file_is_left_alone(grafana: GrafanaStandIn, few: list[Published]) -> None:
    publish(grafana, few)
    grafana.sources["emc-clickhouse"] |= {"readOnly": True, "name": "provisioned"}
    assert actions(publish(grafana, few)) == {"unchanged"}


def test_a_missing_password_is_set(grafana: GrafanaStandIn, few: list[Published]) -> None:
    publish(grafana, few)
    grafana.sources["emc-clickhouse"]["secureJsonFields"] = {}
    (change,) = [c for c in publish(grafana, few) if c.action == "update"]
    assert change.differences == ("password",)


def test_a_token_serves_as_well(grafana: GrafanaStandIn) -> None:
    bare = grafana.url.replace(grafana.url.split("//")[1].split("@")[0] + "@", "")
    assert Grafana(bare, TOKEN).version() == "12.3.0"


@pytest.mark.parametrize(
    ("path", "status", "expected", "said"),
    [
        ("/api/dashboards/db", 412, Conflict, "meanwhile"),
        ("/api/folders", 409, Conflict, "name is taken"),
        ("/api/dashboards/db", 400, SettingError, "status 400"),
        ("/api/datasources", 403, SettingError, "role Admin"),
        ("/api/dashboards/db", 500, ComponentError, "status 500"),
        ("/api/dashboards/db", 404, SettingError, "status 404"),
        ("/api/dashboards/db", 0, ComponentError, "does not answer"),
    ],
)
def test_a_failure_is_one_sentence_and_publishing_can_be_begun_again(
    grafana: GrafanaStandIn,
    few: list[Published],
    path: str,
    status: int,
    expected: type[Exception],
    said: str,
) -> None:
    grafana.fail(path, status)
    with pytest.raises(expected, match=said) as raised:
        publish(grafana, few, timeout=0.5)
    assert "XXX" not in str(raised.value)
    publish(grafana, few)
    assert actions(publish(grafana, few)) == {"unchanged"}


def test_a_dashboard_changed_meanwhile_is_not_overwritten(
    grafana: GrafanaStandIn, few: list[Published]
) -> None:
    publish(grafana, few)
    face = Grafana(grafana.url)
    older = copy.deepcopy(grafana.dashboards[few[0].uid]["dashboard"])
    face.save_dashboard(older | {"title": "first"}, "emc-vi")
    with pytest.raises(Conflict):
        face.save_dashboard(older | {"title": "second"}, "emc-vi")
    assert grafana.dashboards[few[0].uid]["dashboard"]["title"] == "first"


def test_dashboards_without_a_data_source_are_refused(grafana: GrafanaStandIn) -> None:
    with pytest.raises(SettingError, match="give --clickhouse"):
        Publisher(Grafana(grafana.url)).check()


def test_wrong_credentials_are_told(grafana: GrafanaStandIn) -> None:
    with pytest.raises(SettingError, match="refuses the credentials"):
        Publisher(Grafana(grafana.url.replace("editor", "nobody"))).check()


def test_no_grafana_at_the_address_is_told() -> None:
    with pytest.raises(ComponentError, match="does not answer"):
        Publisher(Grafana("http://a:b@127.0.0.1:9", timeout=2)).check()


@pytest.mark.parametrize(("version", "plugin"), [("11.5.9", "4.20.0"), ("12.3.0", ""), ("12.3.0", "4.9.1")])
def test_what_is_too_old_is_told(grafana: GrafanaStandIn, version: str, plugin: str) -> None:
    grafana.version, grafana.plugin = version, plugin
    with pytest.raises(SettingError):
        Publisher(Grafana(grafana.url)).check()


@pytest.mark.parametrize("version", ["11.6.0", "12.3.0", "13.1.0-pre"])
def test_supported_versions_are_taken(grafana: GrafanaStandIn, version: str) -> None:
    grafana.version = version
    Publisher(Grafana(grafana.url)).check(SOURCES)


def test_differences_name_their_places() -> None:
    wanted = {"id": None, "title": "a", "panels": [{"title": "p", "w": 1}], "tags": ["x"]}
    stored = {"id": 7, "version": 3, "title": "a", "panels": [{"title": "q", "h": 2}], "tags": []}
    assert differing(wanted, stored) == ["panels[0].h", "panels[0].title", "panels[0].w", "tags"]


def test_the_command_publishes_and_tells_differences(grafana: GrafanaStandIn) -> None:
    asked = ["--grafana", grafana.url, "--clickhouse", "http://127.0.0.1:8123/emc"]
    runner = CliRunner()
    before = runner.invoke(command, ["diff", *asked], standalone_mode=False)
    assert before.return_value == 1
    done = runner.invoke(command, ["publish", *asked])
    assert done.exit_code == 0, done.output
    assert "create    dashboard emc-overview (Tổng quan quốc gia)" in done.output
    after = runner.invoke(command, ["diff", *asked], standalone_mode=False)
    assert (after.return_value, after.output) == (0, "")
