"""Big numbers beside each other."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DynamicConfigValue,
    FieldConfig,
)

from dashboards.panels.panel import PERCENT, Panel, Steps, panel_of, thresholds
from dashboards.query import CLICKHOUSE, PROMETHEUS, ClickHouseQuery, PrometheusQuery, Target

_STRIP = 26
"""Values of this size and below stand in a strip, with smaller titles."""


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
    panel = panel_of("stat", title, says, no_data, source)
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
