"""Targets of panels: what is asked of ClickHouse and of Prometheus, in the form of their Grafana plugins."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef

PLUGIN = "grafana-clickhouse-datasource"
PLUGIN_VERSION = "4.20.0"
CLICKHOUSE = DataSourceRef(type_val=PLUGIN, uid="emc-clickhouse")
PROMETHEUS = DataSourceRef(type_val="prometheus", uid="emc-prometheus")


class ClickHouseQuery(Dataquery):
    """SQL for the plugin's editor. `as_series`: its first column is a time."""

    def __init__(self, sql: str, ref: str, as_series: bool) -> None:
        self.sql, self.ref, self.as_series = sql, ref, as_series

    def to_json(self) -> dict[str, object]:
        """The target as plugin 4.20 stores it; an older `pluginVersion` would be migrated as a v3 query."""
        return {
            "refId": self.ref,
            "datasource": CLICKHOUSE,
            "pluginVersion": PLUGIN_VERSION,
            "editorType": "sql",
            "rawSql": self.sql,
            "format": 0 if self.as_series else 1,
            "queryType": "timeseries" if self.as_series else "table",
            "meta": {},
        }


class PrometheusQuery(Dataquery):
    """PromQL. `instant`: the values of now; `as_table`: with their labels as columns."""

    def __init__(self, expr: str, ref: str, legend: str, instant: bool, as_table: bool) -> None:
        self.expr, self.ref, self.legend = expr, ref, legend
        self.instant, self.as_table = instant, as_table

    def to_json(self) -> dict[str, object]:
        """The target."""
        return {
            "refId": self.ref,
            "datasource": PROMETHEUS,
            "expr": self.expr,
            "legendFormat": self.legend,
            "instant": self.instant,
            "range": not self.instant,
            "format": "table" if self.as_table else "time_series",
            "editorMode": "code",
        }


class Target(Builder[Dataquery]):
    """What the SDK's builders take."""

    def __init__(self, query: Dataquery) -> None:
        self._query = query

    def build(self) -> Dataquery:
        """The query."""
        return self._query
