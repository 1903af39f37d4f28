"""Published figures, to stand beside a computed rate of the same measure, period and group only."""

from collections.abc import Mapping
from datetime import date

from emc.figures import ReportedFigure, load_reported_figures
from portal.pages.measures import Measure

Key = tuple[Measure, str, str, date]


def published_figures() -> Mapping[Key, ReportedFigure]:
    """Figures in percent whose measure and period are known, by measure, scope, period and its first day."""
    return {
        (Measure(figure.metric, figure.definition), figure.scope, figure.period, figure.start): figure
        for figure in load_reported_figures()
        if figure.unit == "percent" and figure.definition and figure.start is not None
    }
