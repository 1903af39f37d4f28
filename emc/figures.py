"""Figures that somebody published: shown beside the computed rates, never asserted as truth."""

from datetime import date
from pathlib import Path

import msgspec

from emc.registry_files import Row, each_row


class ReportedFigure(msgspec.Struct, frozen=True):
    """A published figure.

    `definition`, `period` and `start`: what it was measured under and for, as far as that was published; only
    a computed rate of the same three may be called equal to it or different.
    """

    metric: str
    scope: str
    value: float
    unit: str
    as_of: date
    source: str
    sentence: str
    note: str
    definition: str = ""
    period: str = ""
    start: date | None = None


def load_reported_figures(folder: Path | None = None) -> list[ReportedFigure]:
    """The published figures of the registry's directory, by default that of EMC_REGISTRY."""
    return each_row("reported_figures.csv", folder, _figure)


def _figure(row: Row) -> ReportedFigure:
    try:
        return msgspec.convert({**row, "start": row.get("start") or None}, ReportedFigure, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
