"""What became of an import of files, or what it would do: as it is kept, and the rates that move."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from producers.importing import ImportRequest, Refusal
from producers.importing.moves import RatePlace
from producers.importing.plan import Plan
from producers.importing.report import place_of
from sinks.imports.record import CauseRecord, ImportRecord, NoticeRecord
from sinks.queries.rate_query import RateQuery

_LONGEST, _MOST = 300, 1000


class ReadsRates(Protocol):
    """What the rates are asked of."""

    def rates(self, query: RateQuery | None = None) -> list[dict[str, Any]]:
        """Rates in the contract's form."""


class Move(NamedTuple):
    """A rate before and after: numerators and denominators."""

    place: RatePlace
    before: tuple[int, int]
    after: tuple[int, int]


def moves_of(plan: Plan, reader: ReadsRates | None) -> list[Move]:
    """The rates that move, with where they stand now."""
    if reader is None:
        return []
    now: dict[RatePlace, tuple[int, int]] = {}
    for agency, start in sorted({(place.agency, place.start) for place, _, _ in plan.moves}):
        for rate in reader.rates(RateQuery(agency=agency, period="month", start=start)):
            place = RatePlace(agency, start, rate["metric"], rate["definition"])
            now[place] = rate["numerator"], rate["denominator"]
    found = []
    for place, above, below in plan.moves:
        before = now.get(place, (0, 0))
        found.append(Move(place, before, (before[0] + above, before[1] + below)))
    return found


def record_of(request: ImportRequest, plan: Plan, notices: Sequence[tuple[str, str]]) -> ImportRecord:
    """What an import did, to be kept: names of files without their folders, and no value of any row."""
    report, changes = plan.report, plan.changes
    return ImportRecord(
        request.agency,
        request.reporter.source,
        request.form,
        request.kind,
        [Path(name).name[:_LONGEST] for name in report.files][:_MOST],
        plan.digests[:_MOST],
        plan.time,
        report.rows,
        report.sent,
        report.refused,
        (changes.newest or None) if changes else None,
        changes.new if changes else None,
        changes.changed if changes else None,
        changes.unchanged if changes else None,
        [
            CauseRecord(
                (one.column or "")[:_LONGEST], one.reason[:_LONGEST], one.count, _places(one.examples)
            )
            for one in list(report.causes.values())[:_MOST]
        ],
        [NoticeRecord(dossier, notice) for dossier, notice in notices],
    )


def _places(refusals: Sequence[Refusal]) -> list[str]:
    return [place_of(one, one.file)[:_LONGEST] for one in refusals]
