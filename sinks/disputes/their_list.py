"""An agency's own list of the dossiers of a period, or only its totals, as a CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from emc.definitions import METRICS, of_metric
from emc.errors import InputError
from emc.facts import DOSSIER_FACTS, PROCEDURE_FACTS
from emc.identifiers import dossier_agency, procedure_code
from emc.instants import date_of_day, day_of, parse_date, parse_instant
from sinks.queries.rate_query import definitions_of

FACTS = (*DOSSIER_FACTS, *PROCEDURE_FACTS)
COUNTING = tuple(name for name in METRICS if name not in FACTS and of_metric(name)[0].day != "state")
"""Metrics whose default numerator may be a column; where one is called as a fact, the fact is meant."""
DAYS = ("received_at", "resolved_at")
COLUMNS = (*DAYS, "procedure", *FACTS, *COUNTING)
MOST_ROWS = 500_000
_WORDS = dict.fromkeys(("true", "1", "yes", "x", "có", "co"), True) | dict.fromkeys(
    ("false", "0", "no", "không", "khong"), False
)
Claim = bool | str | None
"""What the list says of a column: a fact, a day or code as text, or nothing."""


class TheirList(NamedTuple):
    """Dossiers with what is said of each column, and codes that came more than once."""

    columns: tuple[str, ...]
    dossiers: dict[str, tuple[Claim, ...]]
    repeated: list[str]


class Total(NamedTuple):
    """What the agency counts for a rate."""

    metric: str
    definition: str
    numerator: int
    denominator: int


def read_list(content: bytes) -> TheirList | list[Total]:
    """The list or the totals in a file. InputError names the line and what is expected, never the value."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("the file is not in UTF-8, expected a CSV in UTF-8") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        if "metric" in names:
            return [_total(line, named) for line, named in _named(rows, names, _TOTALS)]
        return _list(rows, names)
    except csv.Error:
        raise InputError(f"line {rows.line_num} is no CSV") from None


def _list(rows: Any, names: list[str]) -> TheirList:
    columns = tuple(name for name in names if name != "dossier")
    found, repeated = dict[str, tuple[Claim, ...]](), list[str]()
    for line, named in _named(rows, names, ("dossier", *COLUMNS)):
        code = named["dossier"]
        if dossier_agency(code) is None:
            raise InputError(f"line {line}: dossier is no code, expected one such as H25.16-240305-0007")
        if code in found:
            repeated.append(code)
            continue
        if len(found) >= MOST_ROWS:
            raise InputError(f"the list has more than {MOST_ROWS} dossiers, expected a shorter period")
        found[code] = tuple(_claim(line, name, named[name]) for name in columns)
    return TheirList(columns, found, repeated)


_TOTALS = ("metric", "definition", "numerator", "denominator")


def _named(rows: Any, names: list[str], known: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows that are not empty, with their lines."""
    needed = {known[0]} | ({"numerator", "denominator"} if known == _TOTALS else set())
    if missing := sorted(needed - set(names)):
        raise InputError(f"line 1: expected a column {missing[0]}; rename the one that holds it")
    if unknown := [name for name in names if name not in known]:
        number = names.index(unknown[0]) + 1
        raise InputError(f"line 1: column {number} is not known, expected of {', '.join(known)}")
    if len(set(names)) < len(names):
        raise InputError("line 1: expected each column once")
    for row in rows:
        if any(cell.strip() for cell in row):
            if len(row) != len(names):
                raise InputError(f"line {rows.line_num}: expected {len(names)} fields")
            yield rows.line_num, dict(zip(names, (cell.strip() for cell in row), strict=True))


def _claim(line: int, name: str, text: str) -> Claim:
    if not text:
        return None
    try:
        return _read(name)(text)
    except (ValueError, KeyError):
        wanted = "a date as 2026-03-31, or RFC 3339 with offset" if name in DAYS else "true or false"
        wanted = "a procedure code" if name == "procedure" else wanted
        raise InputError(f"line {line}: {name} is not usable, expected {wanted}") from None


def _read(name: str) -> Callable[[str], Claim]:
    if name in DAYS:
        return _day
    return _procedure if name == "procedure" else lambda text: _WORDS[text.lower()]


def _day(text: str) -> str:
    """A day in Asia/Ho_Chi_Minh."""
    if len(text) > len("2024-03-05"):
        return date_of_day(day_of(parse_instant(text))).isoformat()
    return parse_date(text).isoformat()


def _procedure(text: str) -> str:
    code = procedure_code(text)
    if code is None:
        raise ValueError(text)
    return code


def _total(line: int, named: Mapping[str, str]) -> Total:
    definition = definitions_of(named["metric"], named.get("definition") or None)[0]
    numbers = [named[name] for name in ("numerator", "denominator")]
    if not all(text.isascii() and text.isdecimal() and len(text) <= 12 for text in numbers):
        raise InputError(f"line {line}: numerator or denominator is not usable, expected a whole number")
    return Total(definition.metric, definition.name, int(numbers[0]), int(numbers[1]))
