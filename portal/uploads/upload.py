"""One upload as it stands: what was given, how far it has come, what was found in it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from emc.instants import HANOI, format_instant
from portal.uploads.outcome import Move
from producers.importing.plan import Plan
from producers.importing.readers import RECORDS
from producers.importing.report import place_of

_SHOWN = 1000
"""Causes and moves beyond these stand in the report alone."""


class Stage(StrEnum):
    """How far an upload has come."""

    WAITING = "waiting"
    """It lies here, to be mapped or looked through."""
    READING = "reading"
    LOOKED = "looked"
    """Looked through: it is known what sending would do."""
    SENDING = "sending"
    DONE = "done"

    @property
    def is_work(self) -> bool:
        """Whether something goes on without anybody's doing."""
        return self in (Stage.READING, Stage.SENDING)


class Given(msgspec.Struct):
    """What came: the file's own name, what it is, its size in bytes, when (ms)."""

    agency: str
    name: str
    form: str
    kind: str
    size: int
    made_at: int

    @property
    def is_table(self) -> bool:
        """Whether its columns are mapped to fields; records have the fields of their format."""
        return self.form not in RECORDS


class Column(msgspec.Struct):
    """A column of the file; `values` are there when they are few and none could be a person's number."""

    name: str
    values: list[str]


class Counts(msgspec.Struct):
    """Rows. Those sent are new, changed or unchanged; `older` of the unchanged say what is overtaken."""

    rows: int
    sent: int
    refused: int
    new: int
    changed: int
    unchanged: int
    older: int


class CauseTold(msgspec.Struct):
    """Rows refused alike, with the places of the first of them; `column` None: the whole row."""

    column: str | None
    reason: str
    rows: int
    examples: list[str]


class Outcome(msgspec.Struct):
    """What sending would do, or did. `undoes`: why it is an older export than what is known; empty: it is
    none.
    """

    counts: Counts
    as_of: str
    causes: list[CauseTold]
    moves: list[Move]
    remarks: list[str]
    unused: list[str]
    notices: dict[str, int]
    undoes: str = ""


class Upload(msgspec.Struct):
    """An upload. `keys`: its mapping as `read_mapping` takes it; `as_of` (µs): when it was exported, None:
    when it came.
    """

    id: str
    given: Given
    columns: list[Column] = []
    stage: Stage = Stage.WAITING
    keys: dict[str, Any] | None = None
    as_of: int | None = None
    problem: str = ""
    outcome: Outcome | None = None
    import_id: str | None = None


def outcome_of(plan: Plan, moves: list[Move], remarks: Iterable[str] = ()) -> Outcome:
    """What a plan says."""
    report, changes = plan.report, plan.changes
    assert changes is not None, "it was compared"
    return Outcome(
        Counts(
            report.rows, report.sent, report.refused,
            changes.new, changes.changed, changes.unchanged, changes.older,
        ),
        format_instant(plan.time, HANOI),
        [
            CauseTold(one.column, one.reason, one.count, [place_of(each, each.file) for each in one.examples])
            for one in list(report.causes.values())[:_SHOWN]
        ],
        moves[:_SHOWN],
        [*remarks, *report.remarks],
        [*report.unused_columns, *report.unknown_fields],
        dict(report.notices),
    )  # fmt: skip
