"""Small charts as SVG, drawn on the server. Attributes instead of styles: pages forbid what is inline."""

from collections.abc import Sequence
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
    drawn = f'<rect class="fill" width="{width:.1f}" height="12" rx="1"/>'
    if mark is not None:
        drawn += f'<rect class="tick" x="{min(mark, 1.0) * 100 - 0.8:.1f}" width="1.6" height="12"/>'
    kind = "bar own" if own else "bar"
    return Markup(  # only numbers are put in
        f'<svg class="{kind}" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'
    )


def trend(points: Sequence[Point]) -> Markup:
    """The line of a share over days, from the lowest to the highest of them; days without data are gaps."""
    shares = [point.share for point in points if point.share is not None]
    if len(shares) < 2:
        return Markup("")
    low, high = min(shares), max(shares)
    room = (high - low) or 1.0
    step = _WIDTH / max(len(points) - 1, 1)
    path, pen = "", "M"
    last = (0.0, 0.0)
    for n, point in enumerate(points):
        if point.share is None:
            pen = "M"
            continue
        last = (n * step, _HEIGHT - 4 - (point.share - low) / room * (_HEIGHT - 8))
        path += f"{pen}{last[0]:.1f} {last[1]:.1f}"
        pen = "L"
    return Markup(  # only numbers are put in
        f'<svg class="trend" viewBox="-2 0 {_WIDTH + 6:.0f} {_HEIGHT:.0f}" aria-hidden="true">'
        f'<path d="{path}"/><circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="3"/></svg>'
    )
