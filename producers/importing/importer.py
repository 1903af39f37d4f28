"""Importing files of dossiers: every row an event, sent or refused with its place and reason."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import msgspec

from emc.contract import judge
from emc.errors import InputError
from emc.events import TYPE_DOSSIER
from emc.identifiers import dossier_agency, is_system
from emc.instants import HANOI, HOUR, format_instant, now_us
from emc.registry import Registry
from emc.verdicts import Reason, Rejected
from producers.errors import Unmappable
from producers.importing.dossiers import Dossier, RowReader, SyncReader, TableReader
from producers.importing.mapping import FileMapping, load_mapping
from producers.importing.readers import open_table
from producers.importing.report import ImportReport, Progress, Refusal
from producers.importing.rows import Broken, Row, Table

Format = Literal["dossier-sync", "csv", "jsonl", "parquet"]
_STEP = 500  # rows between two reports of progress
_encode = msgspec.json.Encoder(order="deterministic").encode


class Sender(Protocol):
    """What an import needs of producers.client.Client."""

    def send(self, agency: str, event: Mapping[str, Any] | bytes) -> None:
        """Takes one event."""

    def flush(self) -> None:
        """Waits until all is delivered."""


def import_files(
    paths: Sequence[Path],
    agency: str,
    form: str,
    *,
    client: Sender,
    registry: Registry,
    mapping: Path | FileMapping | None = None,
    as_of: int | None = None,
    system: str = "import",
    on_progress: Callable[[Progress], None] | None = None,
    on_refusal: Callable[[Refusal], None] | None = None,
) -> ImportReport:
    """Sends the rows of files as dossier events that `agency` reports, and says what was refused.

    The events' time is `as_of` (µs since 1970 UTC), by default each file's modification time; their id the
    row's number over all files, and a digest of what is sent of it. So importing twice changes nothing, of
    two rows of one dossier the later counts, and a later export wins. Rows are judged by the contract before
    they are sent. All files are opened before the first row is sent.

    InputError for a file, mapping, agency or time that cannot be used; DeliveryError from the client.
    """
    _check_agency(agency, system, registry)
    reader = _reader(form, mapping, agency)
    imports = [_open(path, form, reader, as_of) for path in paths]
    run = _Import(reader, f"/agencies/{agency}/{system}", client, registry, on_progress, on_refusal)
    run.total = sum(file.table.total for file in imports)
    for file in imports:
        run.read(file)
    client.flush()
    return run.report


def _check_agency(agency: str, system: str, registry: Registry) -> None:
    if agency not in registry:
        raise InputError(f"agency is {agency!r}, expected a code of the agency registry")
    if not is_system(system):
        raise InputError(f"system is {system!r}, expected 1 to 64 of A-Z a-z 0-9 . _ -")


def _reader(form: str, mapping: Path | FileMapping | None, agency: str) -> RowReader:
    if form not in get_args(Format):
        raise InputError(f"format is {form!r}, expected one of {', '.join(get_args(Format))}")
    if form == "dossier-sync":
        if mapping is not None:
            raise InputError("the format dossier-sync takes no mapping: its fields are known")
        return SyncReader()
    if isinstance(mapping, Path):
        mapping = load_mapping(mapping)
    return TableReader(mapping or FileMapping(), agency)


def _open(path: Path, form: str, reader: RowReader, as_of: int | None) -> "_File":
    table = open_table(path, form, _naming(path, reader))
    return _File(path, table, _time(path, as_of))


def _naming(path: Path, reader: RowReader) -> Callable[[list[str]], list[str]]:
    def wanted(columns: list[str]) -> list[str]:
        try:
            return reader.wanted(columns)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    return wanted


def _time(path: Path, as_of: int | None) -> int:
    time = path.stat().st_mtime_ns // 1000 if as_of is None else as_of
    if time > now_us() + HOUR:
        shown = format_instant(time, HANOI)
        raise InputError(f"{path} is of {shown}, in the future: say with --as-of when it was exported")
    return time


class _File:
    """A file under import; `time` is that of its events."""

    def __init__(self, path: Path, table: Table, time: int) -> None:
        self.name = str(path)
        self.table = table
        self.time = format_instant(time)


class _Import:
    """One import over several files."""

    def __init__(
        self,
        reader: RowReader,
        source: str,
        client: Sender,
        registry: Registry,
        on_progress: Callable[[Progress], None] | None,
        on_refusal: Callable[[Refusal], None] | None,
    ) -> None:
        self.report = ImportReport()
        self.total = 0
        self._behind = 0
        self._reader = reader
        self._source = source
        self._client = client
        self._registry = registry
        self._on_progress = on_progress
        self._on_refusal = on_refusal

    def read(self, file: _File) -> None:
        """Sends or refuses every row of a file."""
        self.report.files.append(file.name)
        self._note_unused(file.table.columns)
        for row in file.table.rows:
            self.report.rows += 1
            if isinstance(row, Broken):
                self._refuse(file, row.line, None, row.reason)
            else:
                self._send(file, row)
            if self.report.rows % _STEP == 0:
                self._tell(file, self._behind + file.table.done())
        self._behind += file.table.total
        self._tell(file, self._behind)

    def _note_unused(self, columns: list[str] | None) -> None:
        used = set(self._reader.wanted(columns)) if columns is not None else set()
        known = self.report.unused_columns
        known.extend(name for name in columns or () if name not in used and name not in known)

    def _send(self, file: _File, row: Row) -> None:
        try:
            dossier = self._reader.read(row.values)
            event = self._event(file, dossier)
        except Unmappable as error:
            self._refuse(file, row.line, error.column, error.reason)
            return
        except (RecursionError, OverflowError, UnicodeEncodeError, TypeError):
            self._refuse(
                file, row.line, None, "expected values that JSON can hold, and fewer levels in lists"
            )
            return
        self.report.count_unknown(dossier.unknown)
        agency = dossier_agency(dossier.code) or ""
        verdict = judge(event, agency.encode(), now_us(), self._registry)
        if isinstance(verdict, Rejected):
            self._refuse(file, row.line, *self._told(verdict, row))
            return
        self._client.send(agency, event)
        self.report.sent += 1
        self.report.sent_by_agency[agency] += 1

    def _event(self, file: _File, dossier: Dossier) -> bytes:
        """The event as JSON. The digest is of what is sent: nothing of a row that is dropped is in it."""
        digest = hashlib.blake2b(_encode([dossier.code, dossier.data]), digest_size=8).hexdigest()
        event = {
            "specversion": "1.0",
            "id": f"{self.report.rows:012d}-{digest}",
            "source": self._source,
            "type": TYPE_DOSSIER,
            "subject": dossier.code,
            "time": file.time,
            "data": dossier.data,
        }
        return _encode(event)

    def _told(self, verdict: Rejected, row: Row) -> tuple[str | None, str]:
        """The column and the reason of a rejection, in the file's terms."""
        column = self._reader.column_of
        if verdict.reason == Reason.AGENCY_MISMATCH:
            return column(None, row.values), "expected a dossier of the agency, or of one that it succeeds"
        if verdict.path.startswith("$.data."):
            field = verdict.path.removeprefix("$.data.").split(".")[0].split("[")[0]
            return column(field, row.values), verdict.detail
        if verdict.path == "$.subject":
            return column(None, row.values), verdict.detail
        return None, verdict.detail

    def _refuse(self, file: _File, line: int, column: str | None, reason: str) -> None:
        refusal = Refusal(file.name, line, column, reason)
        self.report.refuse(refusal)
        if self._on_refusal is not None:
            self._on_refusal(refusal)

    def _tell(self, file: _File, done: int) -> None:
        if self._on_progress is not None:
            report = self.report
            self._on_progress(Progress(file.name, done, self.total, report.rows, report.refused))
