"""The data sources that the dashboards read, as Grafana stores them."""

from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from dashboards.query import CLICKHOUSE, PLUGIN, PROMETHEUS
from emc.errors import SettingError


class Source(NamedTuple):
    """A data source; `secret` is its password, which Grafana takes but never gives back."""

    uid: str
    model: dict[str, Any]
    secret: str | None


def clickhouse(url: str) -> Source:
    """ClickHouse as Grafana reaches it: http://user:password@host:port/database; SettingError otherwise."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingError("clickhouse is not of the form http://user:password@host:port/database")
    secure = parts.scheme == "https"
    settings = {
        "host": parts.hostname,
        "port": parts.port or (8443 if secure else 8123),
        "protocol": "http",
        "secure": secure,
        "username": unquote(parts.username or "default"),
        "defaultDatabase": parts.path.strip("/") or "emc",
        "dialTimeout": "10",
        "queryTimeout": "60",
    }
    model = _model("EMC ClickHouse", PLUGIN, CLICKHOUSE.uid, settings)
    return Source(str(CLICKHOUSE.uid), model, unquote(parts.password) if parts.password else None)


def prometheus(url: str) -> Source:
    """Prometheus as Grafana reaches it: http://host:port; SettingError otherwise."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingError(f"prometheus is {url!r}, expected http://host:port")
    model = _model(
        "EMC Prometheus", "prometheus", PROMETHEUS.uid, {"httpMethod": "POST", "timeInterval": "15s"}
    )
    return Source(str(PROMETHEUS.uid), model | {"url": url.rstrip("/")}, None)


def _model(name: str, kind: str, uid: str | None, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "uid": uid,
        "access": "proxy",
        "jsonData": settings,
    }
