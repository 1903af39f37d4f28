"""The demo's table: the rates computed from events beside the figures that were published."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from cli import printing
from emc.definitions import METRICS, of_metric
from emc.figures import ReportedFigure, load_reported_figures
from emc.translation import Language

PUBLISHED_ON = date(2024, 4, 24)
GROUPS = ("ministries", "localities")
_TITLE = "Simulated March 2024, computed from its events, beside the figures published on 24/4/2024"
_Rates = Mapping[tuple[str, str, str], Mapping[str, Any]]


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


def agree(rates: list[dict[str, Any]]) -> int:
    """How many of the published figures the computed rates round to."""
    found = _by_group(rates)
    return sum(_agrees(_rate(figure, found), figure) for figure in published())


def table(rates: list[dict[str, Any]]) -> Table:
    """The figures, a block for each metric; in Vietnamese with its official title."""
    found, spoken = _by_group(rates), printing.spoken
    made = Table(
        title=spoken(_TITLE),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,  # else 80 columns cut what differs
    )
    made.add_column(spoken("Metric (definition), group"), min_width=18)
    made.add_column(spoken("Numerator / denominator"), justify="right", min_width=15)
    for column in ("Computed", "Coverage", "Published"):
        made.add_column(spoken(column), justify="right", no_wrap=True)
    made.add_column("", no_wrap=True)
    metric = ""
    for figure in published():
        if figure.metric != metric:
            metric = figure.metric
            made.add_row(_label(metric))
        made.add_row(f"  {spoken(figure.scope)}", *_row(figure, _rate(figure, found)))
    return made


def _label(metric: str) -> Text:
    name = METRICS[metric].vi if printing.language() is Language.VI else metric
    return Text.assemble((name, "bold"), f" ({of_metric(metric)[0].name})")


def _row(figure: ReportedFigure, rate: Mapping[str, Any]) -> tuple[str | Text, ...]:
    return (
        f"{printing.count(rate.get('numerator'))} / {printing.count(rate.get('denominator'))}",
        printing.percent(rate.get("rate")),
        printing.percent(rate.get("coverage"), 1),
        _published(figure),
        printing.spoken("equal") if _agrees(rate, figure) else Text(printing.spoken("differs"), "bold red"),
    )


def _published(figure: ReportedFigure) -> str:
    """As it was published, in the reader's way of writing numbers."""
    return printing.decimal(f"{_plain(figure.value)} %")


def _by_group(rates: list[dict[str, Any]]) -> _Rates:
    return {(rate["metric"], rate["definition"], rate.get("group", "")): rate for rate in rates}


def _rate(figure: ReportedFigure, found: _Rates) -> Mapping[str, Any]:
    """The computed rate under the default definition; empty when there is none."""
    return found.get((figure.metric, of_metric(figure.metric)[0].name, figure.scope), {})


def _agrees(rate: Mapping[str, Any], figure: ReportedFigure) -> bool:
    return rounded_as(rate.get("rate"), figure) == _plain(figure.value)


def _plain(value: float) -> str:
    """As it was published: 1, not 1.0."""
    return f"{value:g}"
