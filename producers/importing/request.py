"""What is to be imported, checked, with its files open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from emc.agency_search import unregistered
from emc.errors import InputError
from emc.identifiers import is_system
from emc.instants import HANOI, HOUR, format_instant, now_us
from emc.registry import Registry
from producers.importing.guessing import AUTO, common_form
from producers.importing.kinds import DOSSIERS, KINDS, Kind
from producers.importing.mapping import FileMapping, load_mapping
from producers.importing.opening import Opened, open_input
from producers.importing.readers import RECORDS, Format, ReadingOptions, open_table
from producers.importing.record_readers import RowReader, SyncReader, TrackingReader
from producers.importing.rows import Table
from producers.importing.table_reader import TableReader
from producers.judging import Reporter
from producers.source_words import SourceTable, SourceWords, load_source_words


@dataclass(frozen=True)
class ImportRequest:
    """What to import and how. `as_of` is the events' time in µs; None: each file's own, now for standard
    input. `form`: one of `Format`, or `auto`: by what the files hold.

    `names` are what the files are called in what is told of them, where that is not their paths.
    `is_first(dossier)` tells of tracking messages whether nothing of a dossier came from this source before.
    """

    paths: Sequence[Path]
    agency: str
    form: str
    registry: Registry
    mapping: Path | FileMapping | None = None
    as_of: int | None = None
    system: str = "import"
    kind: str = DOSSIERS.name
    words: SourceTable = field(default_factory=load_source_words)
    options: ReadingOptions = field(default_factory=ReadingOptions)
    is_first: Callable[[str], bool] = lambda _: True
    names: Sequence[str] = ()

    @property
    def reporter(self) -> Reporter:
        """Who reports."""
        return Reporter(self.agency, self.system, self.registry)

    @property
    def rows_are(self) -> Kind:
        """What a row is about."""
        return KINDS[self.kind]


@dataclass
class OpenImport:
    """A file under import; `time` (µs) is that of its events, `digest` of its bytes once unpacked."""

    name: str
    table: Table
    time: int
    digest: str


def open_import(request: ImportRequest) -> tuple[ImportRequest, RowReader, list[OpenImport]]:
    """The request with its format, the reader of the rows, and all files, open. InputError for whatever
    cannot be used.
    """
    _check(request)
    names: Sequence[str | None] = request.names or [None] * len(request.paths)
    opened: list[Opened] = []
    try:
        opened += (open_input(path, name) for path, name in zip(request.paths, names, strict=True))
        if request.form == AUTO:
            is_table = request.mapping is not None or request.kind != DOSSIERS.name
            request = replace(request, form=common_form(opened, is_table))
        reader = _reader(request)
        return request, reader, [_open(each, request, reader) for each in opened]
    except BaseException:
        for each in opened:
            each.file.close()
        raise


def _check(request: ImportRequest) -> None:
    if request.agency not in request.registry:
        raise unregistered("agency", request.agency, request.registry)
    if not is_system(request.system):
        raise InputError(f"system is {request.system!r}, expected 1 to 64 of A-Z a-z 0-9 . _ -")
    if request.form not in (*get_args(Format), AUTO):
        raise InputError(f"format is {request.form!r}, expected one of {', '.join(get_args(Format))}")
    if request.kind not in KINDS:
        raise InputError(f"kind is {request.kind!r}, expected one of {', '.join(KINDS)}")
    if request.form in RECORDS:
        if request.mapping is not None:
            raise InputError(f"the format {request.form} takes no mapping: its fields are known")
        if request.kind != DOSSIERS.name:
            raise InputError(f"the format {request.form} holds dossiers, not {request.kind}")


def _reader(request: ImportRequest) -> RowReader:
    words = request.words.of(request.agency, request.system)
    if request.form == "dossier-sync":
        return SyncReader(words)
    if request.form == "emc-tracking":
        return TrackingReader(words, request.is_first, request.registry.sites, request.agency)
    kind = request.rows_are
    mapping = request.mapping
    if isinstance(mapping, Path):
        mapping = load_mapping(mapping, kind)
    return TableReader(mapping or _plain(words), request.agency, kind, words.statuses)


def _plain(words: SourceWords) -> FileMapping:
    return FileMapping(zone=words.zone)


def _open(opened: Opened, request: ImportRequest, reader: RowReader) -> OpenImport:
    digest = opened.digest()
    table = open_table(opened, request.form, _naming(opened, reader), request.options)
    return OpenImport(opened.name, table, _time(opened, request.as_of), digest)


def _naming(opened: Opened, reader: RowReader) -> Callable[[list[str]], list[str]]:
    def wanted(columns: list[str]) -> list[str]:
        try:
            return reader.wanted(columns)
        except InputError as error:
            raise InputError(f"{opened.name}: {error}") from None

    return wanted


def _time(opened: Opened, as_of: int | None) -> int:
    time = as_of if as_of is not None else opened.time if opened.time is not None else now_us()
    if time > now_us() + HOUR:
        shown = format_instant(time, HANOI)
        raise InputError(f"{opened.name} is of {shown}, in the future: say with --as-of when it was exported")
    return time
