"""What panels of every kind have in common: colours, units, thresholds, the words when there are no data."""

from collections.abc import Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Panel as Panel
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from dashboards.query import CLICKHOUSE

PERCENT = "percentunit"
TIME = "time: DD/MM/YYYY HH:mm"
DAY = "time: DD/MM/YYYY"
DASH = "–"
Steps = Sequence[tuple[float | None, str]]
"""Colours from values on, the first from None."""


GREEN, AMBER, RED, BLUE, GREY = "#299c46", "#e0a800", "#d44a3a", "#1f60c4", "#8e8e8e"


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


def panel_of(kind: str, title: str, says: str, no_data: str, source: DataSourceRef = CLICKHOUSE) -> Panel:
    """A panel of a kind; `says` is its description."""
    return Panel().type(kind).title(title).description(says).datasource(source).no_value(no_data)
