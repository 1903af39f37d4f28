"""A mapping drafted from what a file holds: its columns, and the values of those that stand for others.

Values are shown only of columns with few different ones (channel, status, yes or no), never of a column that
could hold a person's number.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from emc.instants import HANOI
from emc.statuses import ALL_IN_WORDS
from producers.importing import fields
from producers.importing.kinds import DOSSIERS, Kind
from producers.importing.rows import PLACE, REASON, Broken, Row, Table
from producers.importing.seen_dates import SeenDates, forms_of, remarks_on
from producers.source_words import SourceWords, folded

_SAMPLED = 2000
_FEW = 12
_CHOICES = {
    "channel": "direct, online, postal",
    "status": ALL_IN_WORDS,
    "service_level": "full, partial, none",
}
CODED = (*_CHOICES, *fields.BOOLEANS)
"""Fields whose values are few and may be told by other words in a file."""
_number = re.compile(r"[0-9]{9,}").search

_HEADERS: Mapping[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("known_headers.toml").read_text(encoding="utf-8")
)
_CHANNELS = {"trực tuyến": "online", "online": "online", "2": "online", "trực tiếp": "direct", "1": "direct"}
_CHANNELS |= {"bưu chính": "postal", "qua bưu điện": "postal", "bưu điện": "postal", "3": "postal"}
_LEVELS = {"toàn trình": "full", "một phần": "partial", "cung cấp thông tin": "none"}


@dataclass
class SeenColumn:
    """What was seen of a column in the first 2 000 rows."""

    values: Counter[str] = field(default_factory=Counter)
    filled: int = 0
    dates: SeenDates = field(default_factory=SeenDates)
    is_date: bool = False

    def see(self, value: object) -> None:
        """Takes one cell in."""
        if fields.is_empty(value):
            return
        self.filled += 1
        self.is_date = self.is_date or isinstance(value, date | datetime)
        text = fields.nfc(fields.as_text(value)).strip()
        if len(self.values) <= _FEW:
            self.values[text] += 1
        self.dates.see(text)

    @property
    def few(self) -> list[str]:
        """Its values if they are few, in the order in which they were met; none of what could be a person's
        number.
        """
        values = list(self.values)
        return [] if len(values) > _FEW or any(map(_number, values)) else values


def look_through(table: Table) -> dict[str, SeenColumn]:
    """The columns of a file in their order; of records those that its first rows have."""
    seen: dict[str, SeenColumn] = {name: SeenColumn() for name in table.columns or ()}
    for row in islice(table.rows, _SAMPLED):
        _see(row, seen)
    return seen


def suggest(table: Table, words: SourceWords, kind: Kind = DOSSIERS) -> str:
    """A mapping in TOML, with comments where a person must decide."""
    return draft(look_through(table), words, kind)


def draft(seen: Mapping[str, SeenColumn], words: SourceWords, kind: Kind = DOSSIERS) -> str:
    """The same of columns that were looked through."""
    columns = list(seen)
    found = {name: _column_for(name, columns) for name in (kind.subject, *kind.fields)}
    return "\n".join(
        [*_head(kind, found, seen), *_columns(kind, found, columns), *_values(kind, found, seen, words), ""]
    )


def meanings(name: str, values: Iterable[str], words: SourceWords) -> dict[str, object]:
    """What values of a field stand for in the contract's terms, as far as that is known; those that are one
    already stay out.
    """
    known = {value: _meaning(name, value, words) for value in values}
    return {value: meaning for value, meaning in known.items() if meaning not in (None, value)}


def _see(row: Row | Broken, seen: dict[str, SeenColumn]) -> None:
    if isinstance(row, Row):
        for name, value in row.values.items():
            seen.setdefault(name, SeenColumn()).see(value)


def _column_for(name: str, columns: Sequence[str]) -> str | None:
    by_folded = {folded(column): column for column in columns}
    return next((by_folded[header] for header in _HEADERS.get(name, [name]) if header in by_folded), None)


def _head(kind: Kind, found: Mapping[str, str | None], seen: Mapping[str, SeenColumn]) -> Iterable[str]:
    subject = found[kind.subject]
    yield "trim = true"
    dates = {column: seen[column].dates for column in _dates(kind, found) if not seen[column].is_date}
    if forms := forms_of(dates):
        written = json.dumps(forms, ensure_ascii=False)
        yield f"dates = {written}  # as seen; tried in this order, after ISO 8601"
    for remark in remarks_on(dates):
        yield f"# {remark}"
    if subject is not None:
        yield f"{kind.subject} = {_quoted(subject)}"
    elif kind is DOSSIERS:
        yield "# decide: no column looks like the dossier's code; name one, or compose it of others, as"
        yield '# dossier = "{agency}-{received_at:%y%m%d}-{column:Số thứ tự:0>6}"'
    else:
        yield f"# decide: {kind.subject} = the column of what a row is about"


def _dates(kind: Kind, found: Mapping[str, str | None]) -> list[str]:
    """The columns that dates are read from."""
    names = (name for name in (kind.subject, *kind.fields) if name in fields.DATES)
    return [column for name in names if (column := found[name]) is not None]


def _columns(kind: Kind, found: Mapping[str, str | None], columns: Sequence[str]) -> Iterable[str]:
    yield "[columns]"
    taken = {found[kind.subject]} - {None}
    for name in kind.fields:
        column = found[name]
        if column is not None and column not in taken:
            yield f"{name} = {_quoted(column)}"
            taken.add(column)
    if kind is DOSSIERS and found["resolved_at"] is None and found["status"] is not None:
        yield "# no column is resolved_at, when a dossier was finished: without it none counts as resolved"
        if (returned := found["returned_at"]) is not None:
            yield f"# if {_quoted(returned)} is that day, add resolved_at = {_quoted(returned)}"
    unused = [column for column in columns if column not in (*taken, REASON, PLACE)]
    if unused:
        yield f"# nothing is read from {', '.join(map(_quoted, unused))}"
        yield f"# fields that could be: {', '.join(name for name in kind.fields if found[name] is None)}"


def _values(
    kind: Kind, found: Mapping[str, str | None], seen: Mapping[str, SeenColumn], words: SourceWords
) -> Iterable[str]:
    for name in kind.fields:
        column = found[name]
        if column is None or name not in CODED:
            continue
        values = seen[column].few
        if seen[column].values and not values:
            yield f"# decide: {name} has many values: it should be {_CHOICES.get(name, 'true or false')}"
            continue
        lines = list(_meanings(name, values, words))
        if lines:
            yield f"[values.{name}]"
            yield from lines


def _meanings(name: str, values: Iterable[str], words: SourceWords) -> Iterable[str]:
    for value in values:
        meaning = _meaning(name, value, words)
        if meaning == value or (name == "status" and str(meaning) == value):
            continue
        if meaning is None:
            yield f"# decide: {_quoted(value)} = {_CHOICES.get(name, 'true or false')}"
        else:
            yield f"{_quoted(value)} = {json.dumps(meaning)}"


def _meaning(name: str, value: str, words: SourceWords) -> object:
    word = folded(value)
    if name == "channel":
        return value if value in ("direct", "online", "postal") else _CHANNELS.get(word)
    if name == "service_level":
        return value if value in ("full", "partial", "none") else _LEVELS.get(word)
    if name == "status":
        return int(word) if word.isdigit() and 1 <= int(word) <= 10 else words.statuses.get(word)
    try:
        return value if isinstance(fields.convert(name, value, HANOI, ()), bool) else None
    except ValueError:
        return None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
