"""Small charts as SVG, drawn on the server. Attributes instead of styles: pages forbid what is inline."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from markupsafe import Markup

_WIDTH, _HEIGHT = 240.0, 44.0


class Point(NamedTuple):
    """One day of a trend: its name, and its share or None where there is no data."""

    name: str
    share: float | None


def bar(share: float | None, mark: float | None = None, own: bool = False) -> Markup:
    """A share as a bar on a base of 0 to 100 %; `mark`: where a tick stands, such as a published figure."""
    width = 0.0 if share is None else min(max(share, 0.0), 1.0) * 100
    drawn = f'<rect width="{width:.1f}%" height="100%"/>'
    if mark is not None:
        drawn += f'<rect class="tick" x="{min(mark, 1.0) * 100:.1f}%" width="2" height="100%"/>'
    kind = "bar own" if own else "bar"
    return Markup(f'<svg class="{kind}" aria-hidden="true">{drawn}</svg>')  # only numbers are put in


def lowest_and_highest(points: Sequence[Point]) -> tuple[float, float] | None:
    """Between which shares a trend lies; None without two days to compare."""
    shares = [point.share for point in points if point.share is not None]
    return (min(shares), max(shares)) if len(shares) > 1 else None


def trend(points: Sequence[Point], marked: Collection[str] = ()) -> Markup:
    """The line of a share over days, from the lowest to the highest of them; days without data are gaps.

    `marked`: the names of days on which there was an incident: they are shaded.
    """
    bounds = lowest_and_highest(points)
    if bounds is None:
        return Markup("")
    low, high = bounds
    room = (high - low) or 1.0
    step = _WIDTH / max(len(points) - 1, 1)
    path, pen, shades = "", "M", ""
    last = (0.0, 0.0)
    for n, point in enumerate(points):
        if point.name in marked:
            x = n * step - step / 2
            shades += f'<rect class="mark" x="{x:.1f}" width="{step:.1f}" height="{_HEIGHT:.0f}"/>'
        if point.share is None:
            pen = "M"
            continue
        last = (n * step, _HEIGHT - 4 - (point.share - low) / room * (_HEIGHT - 8))
        path += f"{pen}{last[0]:.1f} {last[1]:.1f}"
        pen = "L"
    return Markup(  # only numbers are put in
        f'<svg class="trend" viewBox="-2 0 {_WIDTH + 6:.0f} {_HEIGHT:.0f}"'
        f' preserveAspectRatio="xMinYMid" aria-hidden="true">{shades}'
        f'<path d="{path}"/><circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="3"/></svg>'
    )
