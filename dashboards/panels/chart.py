"""Lines and bars."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    FieldConfig,
)

from dashboards.panels.panel import BLUE, PERCENT, Panel, panel_of
from dashboards.query import PROMETHEUS, ClickHouseQuery, PrometheusQuery, Target


class Line(NamedTuple):
    """One line of a chart; `is_mark`: its points, which are 1, shade the chart from top to bottom."""

    name: str
    title: str
    colour: str | None = None
    dashed: bool = False
    is_mark: bool = False


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
    panel = panel_of("trend", title, says, no_data)
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
    panel = panel_of("timeseries", title, says, no_data).interval("1m")
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


_SHADE: list[tuple[str, Any]] = [
    *(("custom.drawStyle", "bars"), ("custom.lineWidth", 0), ("custom.fillOpacity", 30)),
    *(("custom.barWidthFactor", 1), ("custom.axisPlacement", "hidden"), ("unit", "none")),
    *(
        ("min", 0),
        ("max", 1),
        ("custom.axisSoftMax", 1),
        ("custom.hideFrom", {"tooltip": True, "legend": False, "viz": False}),
    ),
]
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
        if line.is_mark:
            pairs += _SHADE
        panel.override_by_name(line.name, [DynamicConfigValue(*pair) for pair in pairs])


def bars(title: str, says: str, sql: str, x: str, value: tuple[str, str], no_data: str) -> Panel:
    """Horizontal bars, one for each row."""
    panel = panel_of("barchart", title, says, no_data)
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
