"""What `emc import` prints: what counts, what is refused, what changes, which rates move."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli import printing
from cli.tables import Table
from emc.instants import HANOI, format_instant
from emc.translation import noun
from portal.uploads.outcome import Move
from producers.importing.plan import Plan
from producers.importing.report import Cause, ImportReport, Refusal, place_of
from sinks.imports.meanings import WARNINGS

_CAUSES_SHOWN = 100
_MOVES_SHOWN = 30


def as_dict(plan: Plan, moves: list[Move], more: Mapping[str, Any]) -> dict[str, Any]:
    """Everything, for programs."""
    report, changes = plan.report, plan.changes
    return {
        "rows": report.rows,
        "sent": report.sent,
        "refused": report.refused,
        "new": changes and changes.new,
        "changed": changes and changes.changed,
        "unchanged": changes and changes.unchanged,
        "as_of": format_instant(plan.time, HANOI),
        "sent_by_agency": dict(report.sent_by_agency),
        "notices": dict(report.notices),
        "unknown_fields": dict(report.unknown_fields),
        "unused_columns": report.unused_columns,
        "remarks": report.remarks,
        "causes": [
            {"column": one.column, "reason": one.reason, "rows": one.count, "examples": one.examples}
            for one in report.causes.values()
        ],
        "refusals": report.refusals,
        "moves": [
            {**move.place._asdict(), "before": list(move.before), "after": list(move.after)} for move in moves
        ],
        **more,
    }


def show(plan: Plan, moves: list[Move], is_dry: bool, own_time: bool) -> None:
    """Everything, for people: on stdout, so that it can be kept."""
    report = plan.report
    for line in _refusals(report):
        printing.say(line)
    for line in _beside(report):
        printing.say(line)
    _show_moves(moves)
    whence = "the file's own time" if own_time else "as said"
    printing.say(f"Time of its events: {printing.moment(format_instant(plan.time, HANOI))} ({whence})")
    printing.say(_summary(plan, is_dry))


def _refusals(report: ImportReport) -> Iterator[str]:
    causes = list(report.causes.values())
    for cause in causes[:_CAUSES_SHOWN]:
        yield _told(cause.examples[0])
        if cause.count > 1:
            yield f"  … and {_rows(cause.count - 1)} more{_as(cause)}"
    if len(causes) > _CAUSES_SHOWN:
        yield f"… and {printing.count(len(causes) - _CAUSES_SHOWN)} other reasons"


def _as(cause: Cause) -> str:
    others = [printing.spoken(place_of(one, cause.examples[0].file)) for one in cause.examples[1:]]
    return f", as {printing.spoken(' and ').join(others)}" if others else ""


def _rows(number: int) -> str:
    return f"{printing.count(number)} {noun(number, 'row', 'rows')}"


def _told(refusal: Refusal) -> str:
    column = f", column {refusal.column}" if refusal.column else ""
    place = printing.spoken(f"{place_of(refusal)}{column}")
    return f"{place}: {printing.spoken(refusal.reason)}"


def _beside(report: ImportReport) -> Iterator[str]:
    yield from report.remarks
    for notice, number in report.notices.items():
        yield f"{printing.spoken(_rows(number))}: {notice}, {printing.spoken(WARNINGS.get(notice, ''))}"
    if report.unused_columns:
        yield f"Columns that nothing was made of: {', '.join(report.unused_columns)}"
    if report.unknown_fields:
        yield f"Fields that nothing was made of: {', '.join(report.unknown_fields)}"


def _show_moves(moves: list[Move]) -> None:
    if not moves:
        return
    table = Table(
        "Rates that move",
        ("Agency", "Month", "Metric", "Definition", "Now", "Then"),
        keys=frozenset(("Agency", "Month")),
    )
    for move in moves[:_MOVES_SHOWN]:
        place = move.place
        table.add_row(
            place.agency,
            place.start[:7],
            place.metric,
            place.definition,
            _share(move.before),
            _share(move.after),
        )
    table.show()
    if len(moves) > _MOVES_SHOWN:
        printing.say(f"… and {printing.count(len(moves) - _MOVES_SHOWN)} rates more; --json has them all")


def _share(counts: tuple[int, int]) -> str:
    above, below = counts
    return f"{above}/{below} = {printing.percent(above / below if below else None)}"


def _summary(plan: Plan, is_dry: bool) -> str:
    report, changes = plan.report, plan.changes
    rows, sent, refused = map(printing.count, (report.rows, report.sent, report.refused))
    counts = (
        f"{rows} {noun(report.rows, 'row', 'rows')}, "
        f"{sent} {'would be sent' if is_dry else 'sent'}, {refused} refused"
    )
    if changes is None:
        return counts
    older = f" ({printing.count(changes.older)} of them older than what is known)" if changes.older else ""
    return (
        f"{counts}: {printing.count(changes.new)} new, {printing.count(changes.changed)} changed, "
        f"{printing.count(changes.unchanged)} unchanged{older}"
    )
