"""`/`: the national board. Ten seconds of a minister: four rates, who is behind, what moved."""

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from emc.agencies import GROUPS
from emc.errors import InputError
from emc.figures import ReportedFigure
from portal.access.guard import Seen
from portal.errors import Forbidden
from portal.pages.attention import Attention, attention, movers
from portal.pages.drawing import Point
from portal.pages.frame import Frame
from portal.pages.incidents import incidents_of
from portal.pages.measures import HEADLINE, ONLINE, REUSE, Measure, Rate, Rates, definition_of
from portal.pages.periods import Period, a_day_ago, period_of
from portal.pages.published import Key, published_figures
from portal.pages.sources import Source, sources_of
from portal.reading.remembered import Remembered
from sinks.prometheus.limits import Limits
from sinks.queries.rate_query import RateQuery

_GROUPS = ("ministries", "localities")
_SORTS = ("dossiers", "name", "coverage", *(measure.metric for measure in HEADLINE))


class Card(NamedTuple):
    """One of the four rates: of the nation now and in the period before, by day, and of both groups."""

    measure: Measure
    rate: Rate | None
    before: float | None
    trend: list[Point]
    groups: list[tuple[str, Rate | None, ReportedFigure | None]]
    published: ReportedFigure | None


class Line(NamedTuple):
    """An agency's line in the table."""

    code: str
    dossiers: int | None
    shares: list[tuple[Measure, float | None]]
    coverage: float | None
    threshold: float | None


def board_routes(frame: Frame, limits: Limits | None) -> APIRouter:
    """The board."""
    routes = APIRouter(include_in_schema=False)
    figures = published_figures()

    @routes.get("/")
    def board(request: Request, seen: Annotated[Seen, Depends(frame.guard.rates)]) -> Response:
        def model(reading: Remembered) -> dict[str, Any]:
            period = period_of(request, reading)
            return _model(request, frame, reading, period, figures, limits) | incidents_of(seen, period)

        return frame.kept_page(request, "board.html", seen, model)

    return routes


def _model(
    request: Request,
    frame: Frame,
    reading: Remembered,
    period: Period,
    figures: Mapping[Key, ReportedFigure],
    limits: Limits | None,
) -> dict[str, Any]:
    now = rates_of(reading, period, HEADLINE)
    before = rates_of(reading, period._replace(start=period.before), HEADLINE)
    order = _order(request)
    lines = [_line(code, now, limits) for code in _codes(request, frame, now)]
    key, falling = order
    lines.sort(key=lambda line: _rank(line, key, frame), reverse=falling)
    days = trends(reading, period, HEADLINE)
    found: list[Attention] = attention(frame.guard.registry, now, before, limits)
    return {
        "period": period,
        "national": now.of(ONLINE, "national"),
        "reuse": now.share(REUSE, "national"),
        "cards": [_card(measure, now, before, period, days, figures) for measure in HEADLINE],
        "lines": lines,
        "sort": key,
        "falling": falling,
        "group": _group(request),
        "wanted": request.query_params.get("q", ""),
        "attention": found,
        "moved": movers(frame.guard.registry, now, rates_of(reading, period, HEADLINE, a_day_ago())),
        "silent": _silent(request, frame, limits),
        "headline": HEADLINE,
        "live": {"group": "national", **period.query()},
        "has_data": bool(now),
    }


def _silent(request: Request, frame: Frame, limits: Limits | None) -> list[Source] | None:
    """The sources that have been silent for too long, of those that the caller may see; None: of none."""
    try:
        sources = frame.guard.dossiers(request).reader.sources()
    except Forbidden:
        return None
    return [source for source in sources_of(sources, limits) if source.is_silent]


def rates_of(
    reading: Remembered, period: Period, measures: Collection[Measure] | None = None, as_of: str | None = None
) -> Rates:
    """The rates of a period that the caller may see, as they are or (`as_of`) as they were shown.

    `measures`: those that the page shows; None: all.
    """
    query = RateQuery(period=period.name, start=period.first, structure=period.structure, as_of=as_of)
    return Rates(reading.rates(query, measures))


def trends(
    reading: Remembered,
    period: Period,
    measures: Collection[Measure] | None = None,
    agency: str | None = None,
) -> Mapping[Measure, list[Point]]:
    """The rates by day of the nation, or of an agency, within a period of up to a quarter.

    `measures`: those that the page draws; None: all.
    """
    if period.name == "year":
        return {}
    rates = reading.rates(
        RateQuery(
            period="day",
            from_=period.first,
            to=period.last.isoformat(),
            structure=period.structure,
            **({"group": "national"} if agency is None else {"agency": agency}),
        ),
        measures,
    )
    found: dict[Measure, list[Point]] = {}
    for rate in rates:
        measure = Measure(rate["metric"], rate["definition"])
        found.setdefault(measure, []).append(Point(rate["start"], rate["rate"]))
    return found


def _card(
    measure: Measure,
    now: Rates,
    before: Rates,
    period: Period,
    days: Mapping[Measure, list[Point]],
    figures: Mapping[Key, ReportedFigure],
) -> Card:
    def published(scope: str) -> ReportedFigure | None:
        return figures.get((measure, scope, period.name, period.start))

    return Card(
        measure,
        now.of(measure, "national"),
        before.share_before(measure, "national", now),
        days.get(measure, []) if definition_of(measure).day != "state" else [],
        [(group, now.of(measure, group), published(group)) for group in _GROUPS],
        published("national"),
    )


def _line(code: str, now: Rates, limits: Limits | None) -> Line:
    received = now.of(ONLINE, code)
    limit = None if limits is None else limits.of_agency(REUSE.metric, code)
    return Line(
        code,
        None if received is None else received["denominator"],
        [(measure, now.share(measure, code)) for measure in HEADLINE],
        None if received is None else received["coverage"],
        None if limit is None else limit.threshold,
    )


def _codes(request: Request, frame: Frame, now: Rates) -> Iterable[str]:
    """The agencies that the address asks for, of those with a rate in the period."""
    registry, group = frame.guard.registry, _group(request)
    wanted = request.query_params.get("q", "").strip().casefold()
    for code in sorted(registry.members(group)):
        named = wanted in code.casefold() or wanted in registry.agencies[code].name.casefold()
        if named and now.has_any(code):
            yield code


def _group(request: Request) -> str:
    group = request.query_params.get("group", "national")
    if group not in GROUPS:
        raise InputError(f"group is not known, expected one of {', '.join(GROUPS)}")
    return group


def _order(request: Request) -> tuple[str, bool]:
    key = request.query_params.get("sort", "dossiers")
    if key not in _SORTS:
        raise InputError(f"sort is not known, expected one of {', '.join(_SORTS)}")
    return key, request.query_params.get("order", "desc" if key != "name" else "asc") == "desc"


def _rank(line: Line, key: str, frame: Frame) -> Any:
    """What a line is sorted by: those without data come after those with 0."""
    if key == "name":
        return frame.agency_name(line.code)
    if key in ("dossiers", "coverage"):
        found = getattr(line, key)
    else:
        found = next(share for measure, share in line.shares if measure.metric == key)
    return -1.0 if found is None else float(found)
