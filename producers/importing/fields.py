"""Values of a table's cells into the fields of an event, one field at a time."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import tzinfo

import msgspec

from emc.statuses import ALL_IN_WORDS, STATUSES
from producers.importing.kinds import KINDS
from producers.importing.rows import Unreadable
from producers.local_times import read_time, rfc3339

_ALL = frozenset(name for kind in KINDS.values() for name in kind.fields)
INSTANTS = frozenset(name for name in _ALL if name.endswith("_at"))
DATES = INSTANTS | {"valid_from", "day"}
"""What is read as a moment or a date; `day` is what a declaration is about."""
TEXTS = frozenset(("procedure", "unit", "channel", "settled_by", "claimed_level", "service_level", "name"))
COUNTS = frozenset(("received", "resolved"))
BOOLEANS = _ALL - INSTANTS - TEXTS - COUNTS - {"status", "components", "valid_from"}

_YES, _NO = frozenset(("true", "1", "yes", "có", "x")), frozenset(("false", "0", "no", "không"))
_whole = re.compile(r"[0-9]{1,10}(?:\.0+)?").fullmatch


def nfc(text: str) -> str:
    """A text in the form in which names and values are compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_empty(value: object) -> bool:
    """Whether a cell says nothing: null, an empty text, or not a number (as Parquet writers put it)."""
    return value is None or value == "" or (isinstance(value, float) and value != value)


def as_text(value: object) -> str:
    """A cell as the text that a mapping names it by: 1.0 is `1`, true is `true`; letters as they came."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def convert(field: str, value: object, zone: tzinfo, formats: Sequence[str]) -> object:
    """A cell that is not empty, as the value of a contract field; ValueError says the expected form.

    Only the JSON type is made right here; the contract judges the rest.
    """
    if isinstance(value, Unreadable):
        raise ValueError(value.reason)
    if field in INSTANTS:
        return rfc3339(read_time(value, zone, formats))
    if field == "valid_from":
        return day(value, zone, formats)
    return _READERS[field](value)


def day(value: object, zone: tzinfo, formats: Sequence[str]) -> str:
    """A cell as a date YYYY-MM-DD; ValueError says the expected forms."""
    try:
        return read_time(value, zone, formats).astimezone(zone).date().isoformat()
    except ValueError as error:
        raise ValueError(str(error).replace("a time:", "a date:")) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text")
    return value


def _status(value: object) -> int:
    expected = f"expected a status, as a number or a word of the source's: {ALL_IN_WORDS}"
    number = _integer(value, expected)
    if number not in STATUSES:
        raise ValueError(expected)
    return number


def _count(value: object) -> int:
    return _integer(value, "expected an integer from 0 to 1000000000")


def _integer(value: object, expected: str) -> int:
    text = as_text(value)
    if not _whole(text):
        raise ValueError(expected)
    return int(float(text))


def _boolean(value: object) -> bool:
    word = nfc(as_text(value)).lower()
    if word not in _YES | _NO:
        raise ValueError("expected true or false, 1 or 0, yes or no")
    return word in _YES


def _components(value: object) -> list[object]:
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            value = None
    if not isinstance(value, list):
        raise ValueError("expected a list of components, as JSON in a text column")
    return value


_READERS: dict[str, Callable[[object], object]] = {
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(BOOLEANS, _boolean),
    **dict.fromkeys(COUNTS, _count),
    "status": _status,
    "components": _components,
}
