"""`/agencies/CODE`: one agency. Its rates, what to do first, what was refused, what is odd, who reports."""

import contextlib
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from emc.definitions import Definition
from portal.access.guard import Seen
from portal.errors import Forbidden, NotFound
from portal.pages.board import rates_of, trends
from portal.pages.drawing import Point
from portal.pages.frame import Frame
from portal.pages.incidents import incidents_of
from portal.pages.measures import EVERY, HEADLINE, ONLINE, REUSE, Measure, Rate, Rates, definition_of
from portal.pages.periods import Period, a_day_ago, period_of
from portal.pages.sources import sources_of
from portal.reading.remembered import Remembered
from sinks.prometheus.limits import Limits
from sinks.queries.rate_query import RateQuery

_LEAST_RANKED = 20


class Row(NamedTuple):
    """One measure of the agency beside its group's and the nation's.

    `rank`: its place among the agencies of its group that have at least twenty in the denominator, and their
    number; `yesterday`: what was shown a day ago.
    """

    measure: Measure
    definition: Definition
    rate: Rate | None
    group: float | None
    nation: float | None
    rank: tuple[int, int] | None
    yesterday: Rate | None
    trend: list[Point]


def agency_routes(frame: Frame, limits: Limits | None) -> APIRouter:
    """The page of an agency."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/agencies/{code}")
    def agency(request: Request, code: str, seen: Annotated[Seen, Depends(frame.guard.rates)]) -> Response:
        if code not in frame.guard.registry:
            raise NotFound("there is no such agency in the registry")

        def model(reading: Remembered) -> dict[str, Any]:
            period = period_of(request, reading)
            shown = _rates(frame, reading, code, period) | incidents_of(seen, period, code)
            return shown | _dossiers(request, frame, reading, code, period, limits)

        return frame.kept_page(request, "agency.html", seen, model)

    return routes


def _rates(frame: Frame, reading: Remembered, code: str, period: Period) -> dict[str, Any]:
    before = Rates(reading.rates(_query(code, period._replace(start=period.before)), HEADLINE))
    yesterday = Rates(reading.rates(_query(code, period, as_of=a_day_ago())))
    everybody, days = rates_of(reading, period), trends(reading, period, agency=code)
    group = "ministries" if frame.guard.registry.agencies[code].kind == "ministry" else "localities"
    members = frame.guard.registry.members(group)
    rows = [
        Row(
            measure,
            definition_of(measure),
            everybody.of(measure, code),
            everybody.share(measure, group),
            everybody.share(measure, "national"),
            _place(measure, code, everybody, members),
            yesterday.of(measure, code),
            days.get(measure, []) if definition_of(measure).day != "state" else [],
        )
        for measure in EVERY
    ]
    by_measure = {row.measure: row for row in rows}
    return {
        "code": code,
        "agency": frame.guard.registry.agencies[code],
        "group": group,
        "period": period,
        "rows": rows,
        "cards": [by_measure[measure] for measure in HEADLINE],
        "before": {measure: before.share_before(measure, code, everybody) for measure in HEADLINE},
        "reuse": by_measure[REUSE],
        "received": everybody.of(ONLINE, code),
        "changed": [row for row in rows if _differs(row)],
        "live": {"agency": code, **period.query()},
    }


def _dossiers(
    request: Request, frame: Frame, rates: Remembered, code: str, period: Period, limits: Limits | None
) -> dict[str, Any]:
    """What only who may read the agency's dossiers sees; empty for everybody else."""
    limit = None if limits is None else limits.of_agency(REUSE.metric, code)
    shown: dict[str, Any] = {"threshold": None if limit is None else limit.threshold, "may_read": False}
    shown |= {"levers": [], "causes": [], "warnings": [], "sources": []}
    with contextlib.suppress(Forbidden):
        seen = frame.guard.dossiers(request)
        reader, reading = seen.reader, rates.of_dossiers(seen)
        if reader.shows_dossiers_of(code):
            shown |= {
                "may_read": True,
                "levers": reading.levers(definition_of(REUSE), code, period.start, period.last),
                "causes": reader.causes(code),
                "warnings": reading.warnings(code),
                "sources": sources_of((row for row in reader.sources() if row["agency"] == code), limits),
            }
    return shown


def _query(code: str, period: Period, as_of: str | None = None) -> RateQuery:
    return RateQuery(
        agency=code, period=period.name, start=period.first, structure=period.structure, as_of=as_of
    )


def _place(measure: Measure, code: str, everybody: Rates, members: frozenset[str]) -> tuple[int, int] | None:
    shares = {
        each: rate["rate"]
        for each in members
        if (rate := everybody.of(measure, each)) is not None and rate["denominator"] >= _LEAST_RANKED
    }
    if code not in shares or len(shares) < 2:
        return None
    return 1 + sum(share > shares[code] for share in shares.values()), len(shares)


def _differs(row: Row) -> bool:
    return row.rate is not None and _counts(row.rate) != _counts(row.yesterday)


def _counts(rate: Mapping[str, Any] | None) -> tuple[int, int]:
    return (0, 0) if rate is None else (rate["numerator"], rate["denominator"])
