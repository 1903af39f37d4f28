"""Panels in few words: each kind with the settings that all of its kind share."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders.dashboard import Panel as Panel
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldConfig,
)

from dashboards.query import CLICKHOUSE, PROMETHEUS, ClickHouseQuery, PrometheusQuery, Target

PERCENT = "percentunit"
TIME = "time: DD/MM/YYYY HH:mm"
DAY = "time: DD/MM/YYYY"
DASH = "–"
Steps = Sequence[tuple[float | None, str]]
"""Colours from values on, the first from None."""

_STRIP = 26
"""Values of this size and below stand in a strip, with smaller titles."""
GREEN, AMBER, RED, BLUE, GREY = "#299c46", "#e0a800", "#d44a3a", "#1f60c4", "#8e8e8e"


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
    panel = _panel("table", title, says, no_data)
    panel.options({"cellHeight": "sm", "showHeader": True, "footer": {"show": False, "reducer": []}})
    panel.with_target(Target(ClickHouseQuery(sql, "A", as_series=False)))
    defaults = {"custom": {"align": "auto", "filterable": False}, "noValue": no_data}
    panel.defaults(FieldConfig.from_json(defaults))
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


def mappings(states: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """Values shown as text in a colour."""
    options = {
        value: {"text": text, "color": colour, "index": n}
        for n, (value, (text, colour)) in enumerate(states.items())
    }
    return [{"type": "value", "options": options}]


def thresholds(steps: Steps) -> dict[str, Any]:
    """Thresholds as Grafana stores them."""
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for value, colour in steps]}


class Value(NamedTuple):
    """One value of a stat panel."""

    name: str
    title: str
    unit: str = PERCENT
    decimals: int = 1
    colour: str = "text"
    steps: Steps | None = None


def stat(title: str, says: str, sql: str, values: Sequence[Value], no_data: str, size: int = 30) -> Panel:
    """Big numbers beside each other from a query of one row; the first is the one that counts."""
    panel = _stat(title, says, values, no_data, size)
    return panel.with_target(Target(ClickHouseQuery(sql, "A", as_series=False)))


def prometheus_stat(
    title: str, says: str, asked: Sequence[tuple[str, Value]], no_data: str, size: int = 30
) -> Panel:
    """Big numbers beside each other, each the answer now to an expression."""
    panel = _stat(title, says, [value for _, value in asked], no_data, size, PROMETHEUS, fields="")
    for expr, value in asked:
        # the legend is the name by which the value is found again
        panel.with_target(Target(PrometheusQuery(expr, value.name, value.name, instant=True, as_table=False)))
    return panel


def _stat(
    title: str,
    says: str,
    values: Sequence[Value],
    no_data: str,
    size: int,
    source: DataSourceRef = CLICKHOUSE,
    fields: str = "/.*/",
) -> Panel:
    """`fields`: which are shown; "" stands for those of numbers only, without Prometheus' times."""
    panel = _panel("stat", title, says, no_data, source)
    panel.options(
        {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": fields, "values": False},
            "orientation": "vertical",
            "textMode": "value_and_name" if len(values) > 1 else "value",
            "colorMode": "value",
            "graphMode": "none",
            "justifyMode": "center",
            "text": {"valueSize": size, "titleSize": 13 if size > _STRIP else 12},
        }
    )
    panel.defaults(
        FieldConfig.from_json({"noValue": no_data, "color": {"mode": "fixed", "fixedColor": "text"}})
    )
    for value in values:
        colour: dict[str, Any] = {"mode": "fixed", "fixedColor": value.colour}
        pairs: list[tuple[str, Any]] = [
            ("displayName", value.title),
            ("unit", value.unit),
            ("decimals", value.decimals),
        ]
        if value.steps is not None:
            colour = {"mode": "thresholds"}
            pairs.append(("thresholds", thresholds(value.steps)))
        pairs.append(("color", colour))
        panel.override_by_name(value.name, [DynamicConfigValue(*pair) for pair in pairs])
    return panel


class Line(NamedTuple):
    """One line of a chart."""

    name: str
    title: str
    colour: str | None = None
    dashed: bool = False


def trend(
    title: str,
    says: str,
    sql: str,
    x: tuple[str, str],
    lines: Sequence[Line],
    no_data: str,
    unit: str = PERCENT,
) -> Panel:
    """Lines over a number, here the day of the month."""
    panel = _panel("trend", title, says, no_data)
    panel.options({"xField": x[0], **_LEGEND})
    panel.with_target(Target(ClickHouseQuery(sql, "A", as_series=False)))
    panel.defaults(FieldConfig.from_json(_line_defaults(unit, no_data)))
    panel.override_by_name(
        x[0],
        [
            DynamicConfigValue("displayName", x[1]),
            DynamicConfigValue("unit", "none"),
            DynamicConfigValue("decimals", 0),
            DynamicConfigValue("custom.axisLabel", x[1]),
        ],
    )
    _lines(panel, lines)
    return panel


def series(
    title: str,
    says: str,
    queries: Sequence[Dataquery],
    lines: Sequence[Line],
    no_data: str,
    unit: str,
    bars: bool = False,
) -> Panel:
    """Lines, or stacked bars, over the time range of the dashboard."""
    panel = _panel("timeseries", title, says, no_data).interval("1m")
    panel.options(dict(_LEGEND))
    for query in queries:
        panel.with_target(Target(query))
        if isinstance(query, PrometheusQuery):
            panel.datasource(PROMETHEUS)
    defaults = _line_defaults(unit, no_data)
    if bars:
        defaults["custom"] |= {
            "drawStyle": "bars",
            "fillOpacity": 70,
            "stacking": {"mode": "normal", "group": "A"},
        }
    panel.defaults(FieldConfig.from_json(defaults))
    _lines(panel, lines)
    return panel


_LEGEND: dict[str, Any] = {
    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
    "tooltip": {"mode": "multi", "sort": "desc"},
}


def _line_defaults(unit: str, no_data: str) -> dict[str, Any]:
    return {
        "unit": unit,
        "min": 0,
        "noValue": no_data,
        "color": {"mode": "palette-classic"},
        "custom": {
            "drawStyle": "line",
            "lineWidth": 2,
            "fillOpacity": 0,
            "showPoints": "auto",
            "spanNulls": True,
            "axisSoftMin": 0,
            "axisSoftMax": 0.01 if unit == PERCENT else 1,
        },
    }


def _lines(panel: Panel, lines: Sequence[Line]) -> None:
    for line in lines:
        pairs: list[tuple[str, Any]] = [("displayName", line.title)]
        if line.colour is not None:
            pairs.append(("color", {"mode": "fixed", "fixedColor": line.colour}))
        if line.dashed:
            pairs += [("custom.lineStyle", {"fill": "dash", "dash": [8, 6]}), ("custom.showPoints", "never")]
            pairs.append(("custom.lineWidth", 1))
        panel.override_by_name(line.name, [DynamicConfigValue(*pair) for pair in pairs])


def bars(title: str, says: str, sql: str, x: str, value: tuple[str, str], no_data: str) -> Panel:
    """Horizontal bars, one for each row."""
    panel = _panel("barchart", title, says, no_data)
    panel.options(
        {
            "orientation": "horizontal",
            "xField": x,
            "showValue": "always",
            "text": {"valueSize": 13},
            "barWidth": 0.7,
            "groupWidth": 0.7,
            "legend": {"showLegend": False, "displayMode": "list", "placement": "bottom", "calcs": []},
            "tooltip": {"mode": "single", "sort": "none"},
        }
    )
    panel.with_target(Target(ClickHouseQuery(sql, "A", as_series=False)))
    custom = {"fillOpacity": 80, "lineWidth": 0, "axisPlacement": "auto"}
    defaults = {
        "unit": "locale",
        "noValue": no_data,
        "color": {"mode": "fixed", "fixedColor": BLUE},
        "custom": custom,
    }
    panel.defaults(FieldConfig.from_json(defaults))
    panel.override_by_name(value[0], [DynamicConfigValue("displayName", value[1])])
    return panel


def prometheus_table(title: str, says: str, expr: str, columns: Sequence[Column], no_data: str) -> Panel:
    """A table of the labels that an expression has now."""
    panel = _panel("table", title, says, no_data, PROMETHEUS)
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


def _panel(kind: str, title: str, says: str, no_data: str, source: DataSourceRef = CLICKHOUSE) -> Panel:
    return Panel().type(kind).title(title).description(says).datasource(source).no_value(no_data)
