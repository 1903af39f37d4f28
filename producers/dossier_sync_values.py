"""Single values of a dossier-sync record. `None` stands for null; ValueError says the expected form."""

import re
from datetime import datetime

from emc.instants import HANOI
from producers.local_times import read_time, rfc3339

_FORMS = "expected dd/MM/yyyy HH:mm:ss, yyyyMMddHHmmss or ISO 8601"
_slashed = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2})").fullmatch
_packed = re.compile(r"[0-9]{14}").fullmatch
_whole = re.compile(r"-?[0-9]{1,9}(?:\.0+)?").fullmatch
_FLAGS: dict[object, int | None] = {"0": 0, "1": 1, "2": 2, 0: 0, 1: 1, 2: 2, "": None, None: None}


def is_empty(value: object) -> bool:
    """Whether the value says null: null itself, an empty or blank text, an empty list or object."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value == [] or value == {}


def text(value: object) -> str | None:
    """A text, blanks around it dropped."""
    if is_empty(value):
        return None
    if not isinstance(value, str):
        raise ValueError("expected a text")
    return value.strip()


def whole(value: object) -> int | None:
    """A whole number, as a number or as its text; true and false count as 1 and 0."""
    if is_empty(value):
        return None
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        word = value.strip().lower()
        if word in ("true", "false"):
            return int(word == "true")
        if _whole(word):
            return int(float(word))
    raise ValueError("expected a whole number")


def flag(value: object) -> int | None:
    """A flag: 0, 1 or 2."""
    try:
        return _FLAGS[value]
    except (KeyError, TypeError):
        pass  # written in another way: with blanks, as a word
    try:
        return _FLAGS[whole(value)]
    except (KeyError, ValueError):
        raise ValueError("expected 0, 1 or 2") from None


def amount(value: object) -> float | None:
    """An amount of money, as a number or as its text; points or commas between thousands are dropped."""
    if is_empty(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        digits = re.sub(r"(?<=[0-9])[.,\s](?=[0-9]{3}(?![0-9]))", "", value.strip())
        try:
            return float(digits.replace(",", "."))
        except ValueError:
            pass
    raise ValueError("expected an amount")


def instant(value: object) -> str | None:
    """A time in RFC 3339; local time (UTC+7) where no offset is written."""
    if is_empty(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # yyyyMMddHHmmss as a number
    if not isinstance(value, str):
        raise ValueError(_FORMS)
    try:
        return rfc3339(_moment(value.strip()))
    except ValueError:
        raise ValueError(_FORMS) from None


def _moment(written: str) -> datetime:
    match = _slashed(written)
    if match:
        day, month, year, hour, minute, second = map(int, match.groups())
    elif _packed(written):
        year = int(written[:4])
        month, day, hour, minute, second = (int(written[n : n + 2]) for n in range(4, 14, 2))
    elif "T" in written.upper() or " " in written:
        return read_time(written, HANOI)
    else:
        raise ValueError(_FORMS)
    return datetime(year, month, day, hour, minute, second, tzinfo=HANOI)
