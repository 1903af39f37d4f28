"""Of which format a file is, told by its first bytes, and by its name's ending where they leave it open."""

from collections.abc import Sequence
from pathlib import PurePath

from emc.errors import InputError
from producers.importing.encodings import AUTO, marked
from producers.importing.json_text import BOM
from producers.importing.opening import Opened
from producers.importing.readers import RECORDS, Format

__all__ = ["AUTO", "common_form", "form_of"]
_TABLES: Sequence[str] = ("csv", "jsonl", "parquet", "xlsx", "xls", "ods")
_TEXTS = (".csv", ".tsv", ".txt")
_MARKS: dict[bytes, Format] = {b"\xd0\xcf\x11\xe0": "xls", b"PAR1": "parquet"}


def common_form(files: Sequence[Opened], is_table: bool = False) -> str:
    """The format of files that are imported together; InputError where it cannot be told, or differs."""
    found = [form_of(file.start(), file.name, is_table) for file in files]
    for file, form in zip(files, found, strict=True):
        if form is None:
            known = _TABLES if is_table else (*RECORDS, *_TABLES)
            raise InputError(f"{file.name} does not tell its format: say --format, one of {', '.join(known)}")
        if form != found[0]:
            raise InputError(
                f"{files[0].name} is {found[0]} and {file.name} {form}: say --format, or import them apart"
            )
    return found[0] or ""


def form_of(start: bytes, name: str, is_table: bool = False) -> Format | None:
    """The format of what begins with these bytes; None where they do not tell. `is_table`: not records."""
    ending = next(
        (one.lower() for one in reversed(PurePath(name).suffixes) if one not in (".gz", ".zst")), ""
    )
    if start.startswith(b"PK"):
        return "ods" if ending == ".ods" else "xlsx"
    for mark, form in _MARKS.items():
        if start.startswith(mark):
            return form
    if (encoding := marked(start)) is not None:
        start = start.decode(encoding, "replace").encode()
    elif b"\0" in start:
        return None
    text = start.removeprefix(BOM).lstrip()
    table: Format | None = "jsonl" if text[:1] in (b"{", b"[") else "csv" if _is_table(text, ending) else None
    return table if is_table else _records(text) or table


def _is_table(text: bytes, ending: str) -> bool:
    header = (text.splitlines() or [b""])[0]
    return not header or ending in _TEXTS or any(sign in header for sign in b",;\t|")


def _records(text: bytes) -> Format | None:
    """Records by the names of their fields: of a table in its first line, of JSON anywhere."""
    is_json = text[:1] in (b"{", b"[")
    names = (text if is_json else (text.splitlines() or [b""])[0]).lower()
    if b"formsreception" in names and (b"mahoso" in names or b"codeprofile" in names):
        return "emc-tracking"
    return "dossier-sync" if b"mahoso" in names and (is_json or b"matthc" in names) else None
