"""Looking into the JSON of dashboards."""

from collections.abc import Iterator, Mapping
from typing import Any


def panels(dashboard: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Its panels, headings left out."""
    for panel in dashboard["panels"]:
        if panel["type"] != "row":
            yield panel


def queries(panel: Mapping[str, Any]) -> list[str]:
    """What the panel asks ClickHouse."""
    return [target["rawSql"] for target in panel["targets"] if "rawSql" in target]


def texts(value: Any) -> Iterator[str]:
    """Every string inside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
