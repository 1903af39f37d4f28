"""Tables, and how a column shows its values."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    FieldConfig,
)

from dashboards.panels.panel import BLUE, DASH, PERCENT, Panel, Steps, mappings, panel_of, thresholds
from dashboards.query import PROMETHEUS, ClickHouseQuery, PrometheusQuery, Target


class Column(NamedTuple):
    """A field of the query as a table shows it.

    `scale`: background from red (lowest) to green (highest) between these values; `gauge`: a bar up to this
    value; `steps`: colours of the text; `states`: the text and colour of each value.
    """

    name: str
    title: str
    width: int | None = None
    unit: str | None = None
    decimals: int | None = None
    link: tuple[str, str] | None = None
    scale: tuple[float, float] | None = None
    gauge: float | None = None
    steps: Steps | None = None
    states: Mapping[str, tuple[str, str]] | None = None
    left: bool = False
    wrap: bool = False


def rate(name: str, title: str, **more: Any) -> Column:
    """A column of rates in percent with one digit."""
    return Column(name, title, unit=PERCENT, decimals=1, **more)


def count(name: str, title: str, **more: Any) -> Column:
    """A column of whole numbers."""
    return Column(name, title, unit="locale", decimals=0, **more)


def table(title: str, says: str, sql: str, columns: Sequence[Column], no_data: str) -> Panel:
    """A table; `says` is its description."""
    panel = panel_of("table", title, says, no_data)
    panel.options({"cellHeight": "sm", "showHeader": True, "footer": {"show": False, "reducer": []}})
    panel.with_target(Target(ClickHouseQuery(sql, "A", as_series=False)))
    defaults = {"custom": {"align": "auto", "filterable": False}, "noValue": no_data}
    panel.defaults(FieldConfig.from_json(defaults))
    for column in columns:
        panel.override_by_name(column.name, [DynamicConfigValue(*pair) for pair in _properties(column)])
    return panel


def prometheus_table(title: str, says: str, expr: str, columns: Sequence[Column], no_data: str) -> Panel:
    """A table of the labels that an expression has now."""
    panel = panel_of("table", title, says, no_data, PROMETHEUS)
    panel.options(
        {
            "cellHeight": "sm",
            "showHeader": True,
            "sortBy": [{"displayName": columns[0].title, "desc": False}],
        }
    )
    order = {column.name: place for place, column in enumerate(columns)}
    hidden = dict.fromkeys(("Time", "Value", "Value #A"), True)
    panel.with_transformation(
        DataTransformerConfig(id_val="organize", options={"excludeByName": hidden, "indexByName": order})
    )
    panel.with_target(Target(PrometheusQuery(expr, "A", "", instant=True, as_table=True)))
    panel.defaults(FieldConfig.from_json({"noValue": no_data, "custom": {"align": "auto"}}))
    for column in columns:
        panel.override_by_name(column.name, [DynamicConfigValue(*pair) for pair in _properties(column)])
    return panel


def _properties(column: Column) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = [("displayName", column.title), ("noValue", DASH)]
    if column.width is not None:
        pairs.append(("custom.width", column.width))
    if column.unit is not None:
        pairs.append(("unit", column.unit))
    if column.decimals is not None:
        pairs.append(("decimals", column.decimals))
    if column.wrap:
        pairs.append(("custom.cellOptions", {"type": "auto", "wrapText": True}))
    if column.left:
        pairs.append(("custom.align", "left"))
    if column.link is not None:
        pairs.append(("links", [{"title": column.link[0], "url": column.link[1]}]))
    return pairs + _colours(column)


def _colours(column: Column) -> list[tuple[str, Any]]:
    background = ("custom.cellOptions", {"type": "color-background", "mode": "basic"})
    if column.scale is not None:
        low, high = column.scale
        return [("color", {"mode": "continuous-RdYlGr"}), ("min", low), ("max", high), background]
    if column.gauge is not None:
        cell = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
        colour = {"mode": "fixed", "fixedColor": BLUE}
        return [("color", colour), ("min", 0), ("max", column.gauge), ("custom.cellOptions", cell)]
    if column.steps is not None:
        return [
            ("thresholds", thresholds(column.steps)),
            ("color", {"mode": "thresholds"}),
            ("custom.cellOptions", {"type": "color-text"}),
        ]
    if column.states is not None:
        return [("mappings", mappings(column.states)), ("custom.cellOptions", {"type": "color-text"})]
    return []
