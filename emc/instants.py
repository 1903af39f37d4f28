"""Instants as integer microseconds since 1970-01-01T00:00:00Z, and calendar days of Asia/Ho_Chi_Minh.

Viet Nam has kept UTC+7 without daylight saving since 1975, so the zone is a fixed offset here; the
earliest instant that the contract admits is 2000-01-01.
"""

import re
import time
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

HANOI = timezone(timedelta(hours=7))
SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
EARLIEST = 946_684_800 * SECOND  # 2000-01-01T00:00:00Z
LATEST = 4_102_444_800 * SECOND  # 2100-01-01T00:00:00Z
EARLIEST_DATE = date(2000, 1, 1)
LATEST_DATE = date(2100, 1, 1)
_FIRST_ASKED, _LAST_ASKED = date(1970, 1, 1), date(2100, 12, 31)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_HANOI_OFFSET = 7 * HOUR
_MATCH = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
).fullmatch
_MATCH_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_SECONDS = {f"{n:02}": n * SECOND for n in range(60)}
_MINUTE = 60 * SECOND
_REMEMBERED = 100_000
_midnights: dict[str, int] = {}
_SHORT = 3
_MICROS: list[int] = [10 ** (6 - digits) for digits in range(7)]
_minutes: dict[str, int] = {}
_tails: dict[str, int] = {}


def parse_instant(text: str) -> int:
    """Microseconds since 1970 UTC of an RFC 3339 text with offset; digits past microseconds are cut.

    Raises ValueError for any other form (no offset, second 60, blank for T) and outside 2000 … 2100.
    """
    # events cluster on few minutes, and share few forms of fraction and offset
    begin, seconds, tail = _minutes.get(text[:17]), _SECONDS.get(text[17:19]), text[19:]
    if begin is None or seconds is None:
        return _parse(text)
    added = _tails.get(tail)
    if added is None:
        added = _fraction_and_offset(tail)
    return _parse(text) if added is None else begin + seconds + added


def _fraction_and_offset(tail: str) -> int | None:
    """What they add when the offset is known; None when it is not, or the form is another."""
    zone = tail[-1:] if tail[-1:] in ("Z", "z") else tail[-6:]
    offset, fraction = _tails.get(zone), tail[1 : -len(zone)]
    if offset is None or tail[0] != "." or not (fraction.isascii() and fraction.isdigit()):
        return None
    digits = fraction[:6]
    return offset + int(digits) * _MICROS[len(digits)]


def parse_asked(text: str) -> int:
    """As `parse_instant`, for what is only compared with: outside 2000 … 2100 it is the nearest bound."""
    return min(max(_parse(text, is_bounded=False), EARLIEST), LATEST)


def _parse(text: str, *, is_bounded: bool = True) -> int:
    match = _MATCH(text)
    if match is None:
        raise ValueError("not RFC 3339 with offset")
    day, hour, minute, second, fraction, _, sign, offset_hour, offset_minute = match.groups()
    begin = (_midnight(day) + int(hour) * 3600 + int(minute) * 60) * SECOND
    micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
    offset = 0
    if sign is not None:
        east = (int(offset_hour) * 3600 + int(offset_minute) * 60) * SECOND
        offset = east if sign == "-" else -east
    instant = begin + _SECONDS[second] + micros + offset
    if is_bounded and not EARLIEST <= instant <= LATEST:
        raise ValueError("not in 2000-01-01 … 2100-01-01")
    if EARLIEST + DAY <= begin <= LATEST - DAY - _MINUTE:  # so that no offset leads out of the range
        _remember(_minutes, text[:17], begin)
        _remember(_tails, text[-1:] if sign is None else text[-6:], offset)
        if len(fraction or "") <= _SHORT:  # longer ones are many, and may be as long as a message
            _remember(_tails, text[19:], micros + offset)
    return instant


def _remember(known: dict[str, int], text: str, value: int) -> None:
    if len(known) > _REMEMBERED:
        known.clear()
    known[text] = value


def _midnight(day: str) -> int:
    """Seconds since 1970 of a day's midnight in UTC. Remembered: events cluster on few days."""
    seconds = _midnights.get(day)
    if seconds is None:
        seconds = (date.fromisoformat(day).toordinal() - _EPOCH_ORDINAL) * 86400
        _remember(_midnights, day, seconds)
    return seconds


def format_instant(instant: int, zone: tzinfo = UTC) -> str:
    """RFC 3339 with six digits: `…Z` for UTC, the offset otherwise."""
    text = (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).isoformat(timespec="microseconds")
    return text.removesuffix("+00:00") + "Z" if zone is UTC else text


def parse_date(text: str) -> date:
    """A date `YYYY-MM-DD`; ValueError for any other form."""
    if _MATCH_DATE(text) is None:
        raise ValueError("not YYYY-MM-DD")
    return date.fromisoformat(text)


def is_far(day: date) -> bool:
    """Whether a day lies so far off that no table holds it, nor is there room to count periods around it."""
    return not _FIRST_ASKED <= day <= _LAST_ASKED


def day_of(instant: int) -> int:
    """The calendar day in Asia/Ho_Chi_Minh, as days since 1970-01-01."""
    return (instant + _HANOI_OFFSET) // DAY


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def date_of_day(number: int) -> date:
    """The date that lies `number` days after 1970-01-01."""
    return date.fromordinal(number + _EPOCH_ORDINAL)


def now_us() -> int:
    """The wall clock, in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def today() -> date:
    """The calendar day that it is now in Asia/Ho_Chi_Minh."""
    return date_of_day(day_of(now_us()))
