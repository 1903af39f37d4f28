"""The engine of every import: files in, out comes row by row what becomes of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from emc.verdicts import Reason
from producers.importing.record_readers import RowReader, TrackingReader
from producers.importing.report import ImportReport, Progress, Refusal
from producers.importing.request import ImportRequest, OpenImport, open_import
from producers.importing.rows import PLACE, REASON, Broken, Row
from producers.judging import Judged, field_of, judge_said
from producers.said import Fault

_STEP = 500  # rows between two reports of progress


@dataclass(slots=True)
class JudgedRow:
    """One row: where it is, what becomes of it (None when it could not be read), and, of a refused one, what
    may be `kept` of its values.

    Without `refusals`, `judged.event` is to be sent under the key `judged.agency`.
    """

    file: str
    line: int
    judged: Judged | None
    refusals: list[Refusal]
    kept: Mapping[str, object] = field(default_factory=dict)


class JudgedRows:
    """The rows of an import, one after the other; `report` grows with them.

        rows = JudgedRows(request)
        for row in rows: …

    All files are opened, and the mapping checked against their columns, before the first row: InputError.
    """

    def __init__(self, request: ImportRequest, on_progress: Callable[[Progress], None] | None = None) -> None:
        self.report = ImportReport()
        self._reader: RowReader
        self.request, self._reader, self.files = open_import(request)
        if self.request.form != request.form:
            form = self.request.form
            self.report.remarks.append(
                f"The format is {form}, as the content tells; --format names another one."
            )
        self._on_progress = on_progress
        self._total = sum(file.table.total for file in self.files)
        self._behind = 0

    def __iter__(self) -> Iterator[JudgedRow]:
        for file in self.files:
            yield from self._rows(file)

    @property
    def columns(self) -> list[str] | None:
        """The columns of the first file; None where each row has its own."""
        return self.files[0].table.columns if self.files else None

    def _rows(self, file: OpenImport) -> Iterator[JudgedRow]:
        report, before = self.report, self.report.rows
        report.files.append(file.name)
        self._note_unused(file.table.columns)
        if isinstance(self._reader, TrackingReader):
            self._reader.time = file.time
        for number, row in enumerate(file.table.rows, start=1):
            report.rows += 1
            yield self._judged(file, row, number if file.table.has_records else 0)
            if report.rows % _STEP == 0:
                self._tell(file, self._behind + file.table.done())
        report.remarks += file.table.remarks
        if report.rows == before:
            report.remarks.append(f"{file.name} holds no rows")
        self._behind += file.table.total
        self._tell(file, self._behind)

    def _note_unused(self, columns: list[str] | None) -> None:
        used = {*self._reader.wanted(columns), REASON, PLACE} if columns is not None else set[str]()
        known = self.report.unused_columns
        known.extend(name for name in columns or () if name not in used and name not in known)

    def _judged(self, file: OpenImport, row: Row | Broken, record: int) -> JudgedRow:
        if isinstance(row, Broken):
            found = JudgedRow(file.name, row.line, None, [])
            found.refusals = [Refusal(file.name, row.line, None, row.reason, record)]
            self.report.refuse(found.refusals)
            return found
        said = self._reader.read(row.values)
        time = file.time
        if not any(fault.path == "$.time" for fault in said.faults):
            time = self._reader.time_of(row.values) or file.time
        request = self.request
        judged = judge_said(said, request.reporter, time, self.report.rows, request.rows_are.type)
        refusals = [Refusal(file.name, row.line, *self._told(fault, row), record) for fault in judged.faults]
        self.report.count_unknown(judged.unknown)
        if refusals:
            self.report.refuse(refusals)
        else:
            self.report.sent += 1
            self.report.sent_by_agency[judged.agency] += 1
            self.report.notices.update(judged.notices)
        kept = self._reader.kept(row.values) if refusals else {}
        return JudgedRow(file.name, row.line, judged, refusals, kept)

    def _told(self, fault: Fault, row: Row) -> tuple[str | None, str]:
        """The column and the reason of a fault, in the file's terms."""
        column = self._reader.column_of
        if fault.column is not None:
            return fault.column, fault.detail
        if fault.reason == Reason.AGENCY_MISMATCH:
            return column(None, row.values), "expected a dossier of the agency, or of one that it succeeds"
        if (name := field_of(fault.path)) is not None:
            return column(name, row.values), fault.detail
        if fault.path == "$.subject":
            return column(None, row.values), fault.detail
        return None, fault.detail

    def _tell(self, file: OpenImport, done: int) -> None:
        if self._on_progress is not None:
            report = self.report
            self._on_progress(Progress(file.name, done, self._total, report.rows, report.refused))
