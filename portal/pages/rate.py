"""`/rates` and `/rates/METRIC`: what a rate means, its definitions side by side, and how it was shown."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from emc.agencies import GROUPS
from emc.definitions import DEFINITIONS, METRICS, of_metric
from emc.errors import InputError
from portal.access.guard import Seen
from portal.errors import NotFound
from portal.pages.board import trends
from portal.pages.frame import Frame
from portal.pages.incidents import incidents_of
from portal.pages.measures import Measure, Rates
from portal.pages.periods import Period, period_of
from portal.pages.published import published_figures
from portal.pages.typed import day_of
from portal.reading.remembered import Remembered
from sinks.queries.rate_query import RateQuery, definitions_of


def rate_routes(frame: Frame) -> APIRouter:
    """The pages of all rates and of one."""
    routes = APIRouter(include_in_schema=False)
    figures = published_figures()

    @routes.get("/rates")
    def rates(request: Request, seen: Annotated[Seen, Depends(frame.guard.rates)]) -> Response:
        model = {"metrics": METRICS, "definitions": DEFINITIONS}
        return frame.page(request, "rates.html", seen.caller, model)

    @routes.get("/rates/{metric}")
    def rate(request: Request, metric: str, seen: Annotated[Seen, Depends(frame.guard.rates)]) -> Response:
        if metric not in METRICS:
            raise NotFound("there is no such metric")
        found = [
            (figure, measure, scope, period, start)
            for (measure, scope, period, start), figure in figures.items()
            if measure.metric == metric
        ]

        def model(reading: Remembered) -> dict[str, Any]:
            return _model(frame, request, seen, reading, metric) | {"figures": found}

        return frame.kept_page(request, "rate.html", seen, model)

    return routes


def _model(frame: Frame, request: Request, seen: Seen, reading: Remembered, metric: str) -> dict[str, Any]:
    given = request.query_params
    definition = definitions_of(metric, given.get("definition"))[0]
    period, agency, group = period_of(request, reading), given.get("agency") or None, given.get("group")
    whose = agency or _group(group)
    moment = _as_of(given)
    asked = _selection(period, agency, whose)
    rates = Rates(reading.rates(RateQuery(metric=metric, as_of=moment, **asked)))
    measure = Measure(metric, definition.name)
    days = trends(reading, period, (measure,), agency) if agency or whose == "national" else {}
    shown = (
        []
        if agency is None or period.structure != "reported"
        else seen.reader.shown(metric, definition.name, agency, period.name, period.start)
    )
    return {
        "metric": METRICS[metric],
        "definition": definition,
        "measure": measure,
        "all": [(each, rates.of(Measure(metric, each.name), whose)) for each in of_metric(metric)],
        "rate": rates.of(measure, whose),
        "whose": whose,
        "agency": agency,
        "period": period,
        "days": days.get(measure, []),
        "shown": shown,
        "as_of": moment,
        "live": asked,
        **incidents_of(seen, period, agency),
        "agencies": sorted(
            (code for code in frame.guard.registry.agencies if seen.reader.shows_rates_of(code)),
            key=frame.agency_name,
        ),
    }


def _group(group: str | None) -> str:
    if group is not None and group not in GROUPS:
        raise InputError(f"group is not known, expected one of {', '.join(GROUPS)}")
    return group or "national"


def _as_of(given: Mapping[str, str]) -> str | None:
    """The end of the day at which a rate is to be looked at as it was shown; None for now."""
    day = day_of(given.get("shown_on", ""))
    return f"{day}T23:59:59+07:00" if day else None


def _selection(period: Period, agency: str | None, whose: str) -> dict[str, str]:
    return period.query() | ({"agency": agency} if agency else {"group": whose})
