"""The demo's table: the rates computed from events beside the figures that were published."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rich.table import Table

from cli import printing
from emc.definitions import METRICS, of_metric
from emc.registry import ReportedFigure, load_reported_figures

PUBLISHED_ON = date(2024, 4, 24)
GROUPS = {"ministries": "Bộ, ngành · ministries", "localities": "Địa phương · localities"}
_NUMBERS = ("Numerator", "Denominator", "Computed", "Coverage", "Published")


def published() -> list[ReportedFigure]:
    """The eight figures of 24/4/2024 for ministries and localities, in the order of the report."""
    return [
        figure
        for figure in load_reported_figures()
        if figure.as_of == PUBLISHED_ON and figure.scope in GROUPS and figure.unit == "percent"
    ]


def rounded_as(share: float | None, figure: ReportedFigure) -> str | None:
    """A share in percent with as many decimals as the published figure; None without data."""
    if share is None:
        return None
    step = Decimal(1).scaleb(Decimal(_plain(figure.value)).as_tuple().exponent)  # type: ignore[arg-type]
    return str((Decimal(share) * 100).quantize(step, ROUND_HALF_UP))


def compare(rates: list[dict[str, Any]]) -> tuple[Table, int]:
    """The table, and how many of the published figures the computed rates round to."""
    found: Mapping[tuple[str, str, str], dict[str, Any]] = {
        (rate["metric"], rate["definition"], rate.get("group", "")): rate for rate in rates
    }
    table = printing.table(
        "Simulated March 2024, computed from its events, beside the figures published on 24/4/2024",
        "Metric", "Definition", "Group", *_NUMBERS, "",
        numbers=frozenset(_NUMBERS),
    )  # fmt: skip
    equal = 0
    for figure in published():
        definition = of_metric(figure.metric)[0].name
        rate = found.get((figure.metric, definition, figure.scope))
        agrees = rate is not None and rounded_as(rate["rate"], figure) == _plain(figure.value)
        equal += agrees
        table.add_row(*_row(figure, definition, rate or {}), "equal" if agrees else "[bold red]differs[/]")
    return table, equal


def _row(figure: ReportedFigure, definition: str, rate: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        METRICS[figure.metric].vi,
        definition,
        GROUPS[figure.scope],
        printing.count(rate.get("numerator")),
        printing.count(rate.get("denominator")),
        printing.percent(rate.get("rate")),
        printing.percent(rate.get("coverage"), 1),
        f"{_plain(figure.value)} %",
    )


def _plain(value: float) -> str:
    """As it was published: 1, not 1.0."""
    return f"{value:g}"
