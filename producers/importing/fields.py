"""Values of a table's cells into the fields of a dossier event, one field at a time."""

import re
from collections.abc import Callable, Sequence
from datetime import tzinfo

import msgspec

from emc.events import DossierData
from producers.local_times import read_time, rfc3339

FIELDS = tuple(field.name for field in msgspec.structs.fields(DossierData))
INSTANTS = frozenset(name for name in FIELDS if name.endswith("_at"))
TEXTS = frozenset(("procedure", "unit", "channel"))
BOOLEANS = frozenset(FIELDS) - INSTANTS - TEXTS - {"status", "components"}

_YES, _NO = frozenset(("true", "1", "yes")), frozenset(("false", "0", "no"))
_whole = re.compile(r"[0-9]{1,9}(?:\.0+)?").fullmatch


def is_empty(value: object) -> bool:
    """Whether a cell says nothing: null, an empty text, or not a number (as Parquet writers put it)."""
    return value is None or value == "" or (isinstance(value, float) and value != value)


def as_text(value: object) -> str:
    """A cell as the text that a mapping names it by: 1.0 is `1`, true is `true`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def convert(field: str, value: object, zone: tzinfo, formats: Sequence[str]) -> object:
    """A cell that is not empty, as the value of a contract field; ValueError says the expected form.

    Only the JSON type is made right here; the contract judges the rest.
    """
    if field in INSTANTS:
        return rfc3339(read_time(value, zone, formats))
    return _READERS[field](value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text")
    return value


def _status(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = as_text(value)
    if not _whole(text):
        raise ValueError("expected an integer from 1 to 10")
    return int(float(text))


def _boolean(value: object) -> bool:
    word = as_text(value).lower()
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
    "status": _status,
    "components": _components,
}
