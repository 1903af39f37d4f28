"""Single values of a dossier-sync record. `None` stands for null; ValueError says the expected form."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from emc.instants import HANOI
from producers.local_times import no_such_day, read_time, rfc3339

_FORMS = "expected dd/MM/yyyy HH:mm:ss, yyyyMMddHHmmss, ISO 8601 or /Date(ms)/"
_slashed = re.compile(
    r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
).fullmatch
_packed = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})").fullmatch
_ticks = re.compile(r"\\?/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)\\?/").fullmatch
_whole = re.compile(r"-?[0-9]{1,9}(?:\.0+)?").fullmatch
_currency = re.compile(r"\s*(?:vnđ|vnd|đồng|đ|₫)\.?\s*$", re.IGNORECASE)
_FREE = frozenset(("miễn phí", "không thu phí", "không"))
_FLAGS: dict[object, int | None] = {"0": 0, "1": 1, "2": 2, 0: 0, 1: 1, 2: 2, "": None, None: None}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def payment(value: object) -> bool | None:
    """Whether a fee was paid online: 1 or 2 is yes, 0 and 3 (another way of paying) is no."""
    try:
        number = whole(value)
    except ValueError:
        number = -1
    if number not in (None, 0, 1, 2, 3):
        raise ValueError("expected 0, 1, 2 or 3")
    return None if number is None else number in (1, 2)


def amount(value: object) -> float | None:
    """An amount of money, as a number or as its text: `135.000 VNĐ` too, and `Miễn phí`, which is 0."""
    if is_empty(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        written = _currency.sub("", value.strip())
        if written.lower() in _FREE:
            return 0.0
        digits = re.sub(r"(?<=[0-9])[.,\s](?=[0-9]{3}(?![0-9]))", "", written)
        try:
            return float(digits.replace(",", "."))
        except ValueError:
            pass
    raise ValueError("expected an amount")


def instant(value: object, zone: tzinfo = HANOI) -> str | None:
    """A time in RFC 3339; local time of `zone` where no offset is written."""
    if is_empty(value):
        return None
    if isinstance(value, datetime):
        return rfc3339(read_time(value, zone))
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # yyyyMMddHHmmss as a number
    if not isinstance(value, str):
        raise ValueError(_FORMS)
    return rfc3339(_moment(value.strip(), zone))


def _moment(written: str, zone: tzinfo) -> datetime:
    if match := _slashed(written):
        day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
    elif match := _packed(written):
        year, month, day, hour, minute, second = map(int, match.groups())
    elif match := _ticks(written):
        return _of_ticks(int(match[1]))
    elif "T" in written.upper() or " " in written:
        return _iso(written, zone)
    else:
        raise ValueError(_FORMS)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise ValueError(no_such_day(year, month, day) or _FORMS) from None


def _of_ticks(milliseconds: int) -> datetime:
    """.NET's form: the milliseconds since 1970 UTC, whatever offset is written behind them."""
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise ValueError(_FORMS) from None


def _iso(written: str, zone: tzinfo) -> datetime:
    try:
        return read_time(written, zone)
    except ValueError:
        raise ValueError(_missing_day(written) or _FORMS) from None


def _missing_day(written: str) -> str | None:
    year, month, day = written[:4], written[5:7], written[8:10]
    numbers = (year + month + day).isdigit() and len(written) > 10
    return no_such_day(int(year), int(month), int(day)) if numbers else None
