"""Brings folders, data sources and dashboards of a Grafana to what the code says; the rest is left alone."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from dashboards.catalogue import Folder, Published
from dashboards.grafana import Grafana
from dashboards.query import CLICKHOUSE, PLUGIN, PLUGIN_VERSION
from dashboards.sources import Source
from emc.errors import SettingError

Action = Literal["create", "update", "unchanged"]
_GRAFANAS_OWN = ("id", "version", "iteration")
_MOST = 20


class Change(NamedTuple):
    """What is, or would be, done to one thing. `differences`: the places in it that differ."""

    kind: Literal["folder", "data source", "dashboard"]
    uid: str
    title: str
    action: Action
    differences: tuple[str, ...] = ()


class Publisher:
    """Publishes to one Grafana. `dry`: says what would be done, and does nothing."""

    def __init__(self, grafana: Grafana, dry: bool = False) -> None:
        self._grafana, self._dry = grafana, dry

    def check(self, sources: Sequence[Source] = ()) -> None:
        """SettingError when the Grafana is too old, without the plugin, or without a data source to read."""
        self._grafana.version()
        version = self._grafana.plugin_version(PLUGIN)
        if version is None:
            raise SettingError(
                f"Grafana at {self._grafana.place} has no plugin {PLUGIN}; install {PLUGIN_VERSION} or newer"
            )
        if _number(version) < _number(PLUGIN_VERSION):
            raise SettingError(f"plugin {PLUGIN} is {version}, expected {PLUGIN_VERSION} or newer")
        uid = str(CLICKHOUSE.uid)
        if all(source.uid != uid for source in sources) and self._grafana.data_source(uid) is None:
            raise SettingError(
                f"Grafana at {self._grafana.place} has no data source {uid}; give --clickhouse"
            )

    def publish(self, sources: Sequence[Source], dashboards: Iterable[Published]) -> Iterator[Change]:
        """Each thing in turn: data sources, folders, dashboards. Stopped midway it may be begun again."""
        for source in sources:
            yield self._source(source)
        folders: set[Folder] = set()
        for dashboard in dashboards:
            if dashboard.folder not in folders:
                folders.add(dashboard.folder)
                yield self._folder(dashboard.folder)
            yield self._dashboard(dashboard)

    def _source(self, source: Source) -> Change:
        title = str(source.model["name"])
        found = self._grafana.data_source(source.uid)
        wanted = source.model | ({"secureJsonData": {"password": source.secret}} if source.secret else {})
        if found is None:
            self._do(lambda: self._grafana.create_data_source(wanted))
            return Change("data source", source.uid, title, "create")
        if found.get("readOnly"):  # provisioned from a file: that file rules
            return Change("data source", source.uid, title, "unchanged")
        differences = tuple(_wanted_differences(source.model, found))
        if source.secret and not found.get("secureJsonFields", {}).get("password"):
            differences += ("password",)
        if not differences:
            return Change("data source", source.uid, title, "unchanged")
        own = {"isDefault": found.get("isDefault", False)}  # the first one of a Grafana is made its default
        kept = own | wanted | {"jsonData": found.get("jsonData", {}) | source.model["jsonData"]}
        self._do(lambda: self._grafana.update_data_source(kept))
        return Change("data source", source.uid, title, "update", differences)

    def _folder(self, folder: Folder) -> Change:
        found = self._grafana.folder(folder.uid)
        if found is None:
            self._do(lambda: self._grafana.create_folder(*folder))
            return Change("folder", folder.uid, folder.title, "create")
        if found["title"] == folder.title:
            return Change("folder", folder.uid, folder.title, "unchanged")
        self._do(lambda: self._grafana.rename_folder(*folder, version=found["version"]))
        return Change("folder", folder.uid, folder.title, "update", ("title",))

    def _dashboard(self, dashboard: Published) -> Change:
        title = str(dashboard.model["title"])
        found = self._grafana.dashboard(dashboard.uid)
        if found is None:
            self._do(lambda: self._grafana.save_dashboard(dashboard.model, dashboard.folder.uid))
            return Change("dashboard", dashboard.uid, title, "create")
        stored = found["dashboard"]
        differences = tuple(differing(dashboard.model, stored))
        if found.get("meta", {}).get("folderUid", "") != dashboard.folder.uid:
            differences += ("folder",)
        if not differences:
            return Change("dashboard", dashboard.uid, title, "unchanged")
        model = dashboard.model | {"id": stored.get("id"), "version": stored["version"]}
        self._do(lambda: self._grafana.save_dashboard(model, dashboard.folder.uid))
        return Change("dashboard", dashboard.uid, title, "update", differences)

    def _do(self, step: Any) -> None:
        if not self._dry:
            step()


def differing(wanted: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    """The places in which two dashboards differ, at most twenty; Grafana's own fields aside."""
    ours = {name: value for name, value in wanted.items() if name not in _GRAFANAS_OWN}
    theirs = {name: value for name, value in stored.items() if name not in _GRAFANAS_OWN}
    found = list(_differences(ours, theirs, ""))
    return [*found[:_MOST], f"… {len(found) - _MOST} more"] if len(found) > _MOST else found


def _differences(ours: Any, theirs: Any, place: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(ours.keys() | theirs.keys()):
            yield from _differences(ours.get(name), theirs.get(name), f"{place}.{name}" if place else name)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for n, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences(one, other, f"{place}[{n}]")
    elif ours != theirs:
        yield place


def _wanted_differences(wanted: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    """Only what is wanted counts: Grafana adds fields of its own."""
    for name, value in wanted.items():
        if isinstance(value, dict):
            yield from (
                f"{name}.{inner}" for inner in value if value[inner] != found.get(name, {}).get(inner)
            )
        elif value != found.get(name):
            yield name


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("-")[0].split(".") if part.isdigit())
