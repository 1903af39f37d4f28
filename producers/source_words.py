"""What the words of a source mean: its statuses, the names of its units, its local procedures, its zone.

They are rows of `source_words.csv` in the registry's directory, columns `source,kind,word,value`. `source` is
`*`, an agency (`H21`) or one system of it (`H21/one-stop`); the narrower goes before the wider. `kind` is
`status` (a number 1 to 10), `unit` (an agency identifier), `procedure` (a national code) or `zone`
(`+07:00`, or a name; its `word` is empty). Words match without regard to case, blanks and Unicode's
composition.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from emc.errors import SettingError
from emc.identifiers import level1, procedure_code
from emc.instants import HANOI
from emc.registry_files import file_of

FILE = "source_words.csv"
KINDS = ("status", "unit", "procedure", "zone")
_COLUMNS = ("source", "kind", "word", "value")
_offset = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])").fullmatch
_source = re.compile(r"\*|[A-Y][0-9]{2}(?:/[A-Za-z0-9._-]{1,64})?").fullmatch
_status = re.compile(r"[1-9]|10").fullmatch
_CHECKS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "status": (_status, "a status from 1 to 10"),
    "unit": (level1, "an agency identifier"),
    "procedure": (procedure_code, "a procedure code d.dddddd"),
}


def folded(word: str) -> str:
    """A word in the form that words are compared in: NFC, without case, its blanks single."""
    return " ".join(unicodedata.normalize("NFC", word).casefold().split())


@dataclass(frozen=True)
class SourceWords:
    """The tables of one source; keys are `folded`."""

    zone: tzinfo = HANOI
    statuses: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    procedures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceTable:
    """All rows of the file, as (source, kind, folded word, value)."""

    rows: tuple[tuple[str, str, str, str], ...] = ()

    def of(self, agency: str, system: str) -> SourceWords:
        """What holds for one system of an agency."""
        found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
        for wanted in ("*", agency, f"{agency}/{system}"):
            for source, kind, word, value in self.rows:
                if source == wanted:
                    found[kind][word] = value
        zone = found["zone"].get("")
        return SourceWords(
            HANOI if zone is None else read_zone(zone),
            {word: int(value) for word, value in found["status"].items()},
            found["unit"],
            found["procedure"],
        )


def load_source_words(path: Path | None = None) -> SourceTable:
    """Reads the file, by default that of the registry's directory.

    SettingError names the line, what is wrong with it and what is expected.
    """
    path = path or file_of(FILE)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != _COLUMNS:
                raise SettingError(f"{path}: expected the columns {', '.join(_COLUMNS)}")
            return SourceTable(tuple(_rows(path, reader)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingError(f"{path}: expected a readable UTF-8 CSV file ({type(error).__name__})") from None


def _rows(path: Path, reader: Iterable[Mapping[str, str]]) -> Iterable[tuple[str, str, str, str]]:
    for line, row in enumerate(reader, start=2):
        source, kind, word, value = ((row[name] or "").strip() for name in _COLUMNS)
        if not _source(source):
            raise SettingError(f"{path}, line {line}: source is {source!r}, expected *, H21 or H21/system")
        if kind not in KINDS:
            raise SettingError(f"{path}, line {line}: kind is {kind!r}, expected one of {', '.join(KINDS)}")
        if kind == "zone":
            read_zone(value, f"{path}, line {line}: ")
        elif not _CHECKS[kind][0](value):
            raise SettingError(f"{path}, line {line}: value is {value!r}, expected {_CHECKS[kind][1]}")
        yield source, kind, folded(word), value


@lru_cache(maxsize=64)
def read_zone(text: str, place: str = "") -> tzinfo:
    """A zone, from an offset or a name; SettingError for another text."""
    if match := _offset(text):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        expected = "expected an offset as +07:00 or a name as Asia/Ho_Chi_Minh"
        raise SettingError(f"{place}zone is {text!r}, {expected}") from None
