"""Opening a file of any format as rows. InputError when it is not of the format that was said."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from emc.errors import InputError
from producers import tracking
from producers.importing.csv_rows import open_csv
from producers.importing.encodings import AUTO, detected, in_utf8, marked
from producers.importing.json_text import BOM, records
from producers.importing.opening import Opened
from producers.importing.rows import Broken, Row, Table

Format = Literal["dossier-sync", "emc-tracking", "csv", "jsonl", "parquet", "xlsx", "xls", "ods"]
WORKBOOKS = ("xlsx", "xls", "ods")
RECORDS = ("dossier-sync", "emc-tracking")
_ZIP, _OLE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"
_FOREIGN = {
    _ZIP: "a workbook or another archive: import it with format xlsx or ods, or save it as CSV UTF-8",
    _OLE: "an Excel workbook: import it with format xls, or save it as CSV UTF-8",
    _PARQUET: "a Parquet file: import it with format parquet",
}
Wanted = Callable[[list[str]], list[str]]


@dataclass(frozen=True)
class ReadingOptions:
    """How texts and sheets are read: `encoding` and `delimiter` may be `auto`; None is as it should be."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


def open_table(opened: Opened, form: str, wanted: Wanted, options: ReadingOptions | None = None) -> Table:
    """Opens a file as one of `Format`.

    `wanted` picks, from the columns that the file has, those that will be read (it may raise InputError).
    """
    options = options or ReadingOptions()
    try:
        return _open(opened, form, wanted, options)
    except InputError:
        opened.file.close()
        raise
    except OSError as error:
        raise InputError(f"{opened.name} cannot be read: {error.strerror}") from None


def _open(opened: Opened, form: str, wanted: Wanted, options: ReadingOptions) -> Table:
    start = opened.start()
    if form == "parquet":
        from producers.importing.parquet import open_parquet  # the library takes half a second to load

        return open_parquet(opened, wanted)
    if not start.strip(b" \t\r\n"):
        raise InputError(f"{opened.name} is empty")
    if form in WORKBOOKS or (form in RECORDS and start.startswith((_ZIP, _OLE))):
        from producers.importing.workbook import open_workbook

        return open_workbook(opened, wanted, options.sheet)
    remark = _decode(opened, options.encoding)
    table = _open_text(opened, form, wanted, options)
    table.remarks += remark
    return table


def _decode(opened: Opened, encoding: str | None) -> tuple[str, ...]:
    """Makes UTF-8 of a text of the encoding that was said, and tells the one that was guessed."""
    _refuse_foreign(opened, opened.start(), encoding)
    if encoding is None:
        return ()
    chosen = detected(opened.file) if encoding == AUTO else encoding
    if chosen.lower() != "utf-8":
        opened.file = in_utf8(opened.file, opened.name, chosen)
    return (f"{opened.name} is read as {chosen}",) if encoding == AUTO and chosen != "utf-8" else ()


def _refuse_foreign(opened: Opened, start: bytes, encoding: str | None) -> None:
    for magic, kind in _FOREIGN.items():
        if start.startswith(magic):
            raise InputError(f"{opened.name} is {kind}")
    if encoding is not None:
        return
    if mark := marked(start):
        raise InputError(f"{opened.name} is {mark} text: save it as UTF-8, or say --encoding {mark.lower()}")
    if b"\0" in start.splitlines()[0]:
        raise InputError(f"{opened.name} is no text file")


def _open_text(opened: Opened, form: str, wanted: Wanted, options: ReadingOptions) -> Table:
    first = opened.start().removeprefix(BOM).lstrip()[:1]
    if form == "csv":
        return open_csv(opened, wanted, options.delimiter)
    if form in RECORDS and first not in (b"{", b"["):
        line = opened.start().splitlines()[0]
        if form == "emc-tracking" and b"=" in line and b"&" in line:
            return Table(None, opened.size, _forms(opened), opened.position())
        return open_csv(opened, wanted, options.delimiter)
    rows = records(opened.file, opened.name, is_enveloped=form == "dossier-sync")
    return Table(None, opened.size, _closing(opened, rows), opened.position(), has_records=True)


def _closing(opened: Opened, rows: Iterator[Row | Broken]) -> Iterator[Row | Broken]:
    with opened.file:
        yield from rows


def _forms(opened: Opened) -> Iterator[Row | Broken]:
    """Lines that are each the form-encoded body of a message."""
    with opened.file:
        for number, line in enumerate(opened.file, start=1):
            if line.strip():
                try:
                    yield Row(number, tracking.parse_message(line, tracking.FORM))
                except ValueError as error:
                    yield Broken(number, str(error))
