"""The work on one upload: looking through it whole, then sending what counts."""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from emc.errors import ComponentError, EmcError
from portal.uploads.outcome import moves_of, record_of
from portal.uploads.row_reports import RowReports
from portal.uploads.spool import Folder
from portal.uploads.upload import Upload, outcome_of
from producers.client import Client
from producers.importing import ImportRequest, JudgedRow, JudgedRows, Progress
from producers.importing.known import KnownDossiers
from producers.importing.plan import OlderExport, Plan

_NOTICES_KEPT = 100_000
_COMPARED = 1000


class Told(NamedTuple):
    """How far it is: `done` of `total` (bytes or rows), and rows so far."""

    done: int = 0
    total: int = 0
    rows: int = 0
    refused: int = 0


class Work:
    """`look`, then `send`, in a thread that may wait. `stop` ends it: ComponentError."""

    def __init__(self, folder: Folder, reader: Any, stop: threading.Event) -> None:
        self.told = Told()
        self._folder, self._reader, self._stop = folder, reader, stop
        self._plan: Plan | None = None
        self._request: ImportRequest | None = None
        self._notices: list[tuple[str, str]] = []

    def look(self, upload: Upload, request: ImportRequest, remarks: list[str]) -> None:
        """Reads the file whole, compares it with what is known, and says in `upload.outcome` what came out.

        EmcError for a file or mapping that cannot be used.
        """
        rows = JudgedRows(request, self._note_progress)
        with RowReports(self._folder, rows.columns) as reports:

            def see(row: JudgedRow) -> None:
                reports.add(row)
                self._take_notices(row)
                self._go_on()

            plan = self._plan = Plan(rows, KnownDossiers(self._reader), see)
            reports.end()
        self._request = request
        outcome = outcome_of(plan, moves_of(plan, self._reader), remarks)
        if request.as_of is None:
            try:
                plan.refuse_older(self._reader.imports(request.agency, _COMPARED))
            except OlderExport as older:
                outcome.undoes = older.why
        upload.outcome = outcome

    def send(self, upload: Upload, connect: Callable[[], Client]) -> None:
        """Sends what counts, keeps the record of it, and removes the file; DeliveryError from the client."""
        plan, request = self._plan, self._request
        assert plan is not None
        assert request is not None
        total = plan.report.sent

        def note(sent: int) -> None:
            self.told = Told(sent, total, sent)
            self._go_on()

        self.told = Told(0, total)
        with connect() as client:
            plan.send(client, note)
        try:
            upload.import_id = self._reader.keep_import(record_of(request, plan, self._notices))
        except EmcError as error:
            if upload.outcome is not None:
                upload.outcome.remarks.append(f"sent, but not recorded: {error}")
        self._folder.drop_file()

    def _note_progress(self, progress: Progress) -> None:
        self.told = Told(progress.done, progress.total, progress.rows, progress.refused)

    def _take_notices(self, row: JudgedRow) -> None:
        if row.judged is not None and not row.refusals and len(self._notices) < _NOTICES_KEPT:
            self._notices += [(row.judged.subject, notice) for notice in row.judged.notices]

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise ComponentError(
                "the service ends: what was sent stays sent; send it again, repeats are harmless"
            )

    def close(self) -> None:
        """Drops what was held to be sent. May be repeated."""
        if self._plan is not None:
            self._plan.close()
