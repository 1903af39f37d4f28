"""Up to when each metric is known of an agency: its sources may each report a part of the facts.

A rate's `as_of` is the agency's, as the contract says; a tracking feed that ran this minute makes it fresh
although the components, which data reuse is counted from, came last night in a file.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from emc.definitions import METRICS, Definition, of_metric
from emc.instants import HANOI, format_instant
from sinks.clickhouse.database import Database

_FIELDS: Mapping[str, Sequence[str]] = {
    "online": ("channel",),
    "electronic_result": ("electronic_result",),
    "reused": ("components",),
    "digitised": ("components",),
    "identified": ("identified",),
    "fee_due": ("fee_due",),
    "paid_online": ("paid_online",),
    "has_due": ("due_at",),
    "on_time": ("due_at", "resolved_at"),
    "claimed_full": ("claimed_level",),
}
"""Of each fact of a dossier the registers that it follows from."""


def read_metric_times(database: Database, agency: str) -> list[dict[str, Any]]:
    """Of each metric the greatest `time` of an event that says anything it is counted from, by source.

    `as_of` is the greatest of them, null where no stored event says anything; of supply that of catalogues.
    """
    columns = ", ".join(f"maxIf(time, {_says(metric)})" for metric in METRICS)
    rows = database.query(
        f"SELECT source, {columns} FROM events WHERE agency = {{agency:String}}"
        " GROUP BY source ORDER BY source",
        {"agency": agency},
    )
    return [
        _shown(metric, [(source, times[n]) for source, *times in rows if times[n]])
        for n, metric in enumerate(METRICS)
    ]


def _says(metric: str) -> str:
    """Condition: an event says something that the metric's default definition looks at."""
    definition = of_metric(metric)[0]
    if definition.day == "state":
        return "type = 'procedure'"
    fields = {field for fact in _facts(definition) for field in _FIELDS[fact]}
    said = " OR ".join(f"position(data, '\"{field}\":') > 0" for field in sorted(fields))
    return f"type = 'dossier' AND ({said})"


def _facts(definition: Definition) -> set[str]:
    """The facts of a dossier that a definition names."""
    conditions = f"{definition.numerator} and {definition.denominator}"
    return {
        node.id for node in ast.walk(ast.parse(conditions)) if isinstance(node, ast.Name)
    } & _FIELDS.keys()


def _shown(metric: str, times: list[tuple[str, int]]) -> dict[str, Any]:
    return {
        "metric": metric,
        "as_of": format_instant(max(time for _, time in times), HANOI) if times else None,
        "sources": [{"source": source, "as_of": format_instant(time, HANOI)} for source, time in times],
    }
