"""The forms of the contract's texts: identifiers, dates, instants; and the calendar of Hanoi."""

import hashlib
import json
import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

Json = Any  # a parsed JSON value

OLD = r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2}"
NEW = r"[A-Y][0-9]{2}(?:\.[0-9A-Z]+)*"
IDENTIFIER = re.compile(rf"(?:{OLD}|{NEW})")
DOSSIER = re.compile(rf"({OLD}|{NEW})-((?:20)?[0-9]{{2}})([0-9]{{2}})([0-9]{{2}})-[0-9]{{4,12}}")
PROCEDURE = re.compile(rf"([0-9]\.[0-9]{{6}})(?:\.{OLD})?")
SYSTEM = re.compile(r"[A-Za-z0-9._-]{1,64}")
AGENCY = re.compile(r"[A-Y][0-9]{2}")
SOURCE = re.compile(r"/agencies/([A-Y][0-9]{2})(?:/[A-Za-z0-9._-]{1,64})?")
SLUG = re.compile(r"[a-z][a-z0-9-]{0,63}")
DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))"
)
PLAIN_ID = re.compile(r"[A-Za-z0-9._:/-]+")
WORDS = re.compile("[A-Za-z0-9]+")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)

SECOND = 1_000_000
EPOCH = date(1970, 1, 1).toordinal()
FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
FIRST_US = (FIRST.toordinal() - EPOCH) * 86_400 * SECOND
LAST_US = (LAST.toordinal() - EPOCH) * 86_400 * SECOND
LONGEST_IDENTIFIER = 35


def distance(one: str, other: str) -> int:
    """How many letters changed, left out or added lead from one to the other; counted up to 9."""
    if abs(len(one) - len(other)) > 2:
        return 9
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, start=1):
        left, row[0] = row[0], n
        for m, each in enumerate(other, start=1):
            left, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, left + (letter != each))
    return row[-1]


def has_run(text: str) -> bool:
    """Whether exactly 9 or 12 digits stand in the text with no letter or digit beside them."""
    return any(len(word) in (9, 12) and word.isdigit() for word in WORDS.findall(text))


def id_to_show(value: str) -> str:
    """A refused event's id: as it came when it is plain and holds no such run, else its digest."""
    if PLAIN_ID.fullmatch(value) and not has_run(value):
        return value
    return "sha256:" + hashlib.sha256(value.encode("utf-8")).hexdigest()[:16]


def real_date(year: int, month: int, day: int) -> date | None:
    """The date, or None when the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def day_of_text(text: str) -> date | None:
    """`YYYY-MM-DD` as a real date of any year, else None."""
    found = DAY.fullmatch(text)
    return real_date(*map(int, found.groups())) if found else None


@lru_cache(maxsize=200_000)
def micros(text: str) -> int | None:
    """An RFC 3339 text with offset as microseconds since 1970 UTC; None when the contract refuses it."""
    found = INSTANT.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, zulu, sign, offset_hours, offset_minutes = found.groups()[6:]
    on = real_date(year, month, day)
    if on is None or hour > 23 or minute > 59 or second > 59:
        return None
    offset = 0
    if not zulu:
        if int(offset_hours) > 23 or int(offset_minutes) > 59:
            return None
        offset = (int(offset_hours) * 60 + int(offset_minutes)) * (1 if sign == "+" else -1)
    minutes = ((on.toordinal() - EPOCH) * 24 + hour) * 60 + minute - offset
    result = (minutes * 60 + second) * SECOND + int(((fraction or "") + "000000")[:6])
    return result if FIRST_US <= result <= LAST_US else None


def instant_text(us: int, hours: int = 0) -> str:
    """RFC 3339 with six digits, in UTC (`Z`) or `hours` east of it."""
    moment = datetime(1970, 1, 1) + timedelta(microseconds=us, hours=hours)  # noqa: DTZ001 – zone added below
    zone = f"+{hours:02d}:00" if hours else "Z"
    return moment.isoformat(timespec="microseconds") + zone


def hanoi_day(us: int) -> date:
    """The calendar day in Asia/Ho_Chi_Minh, seven hours ahead of UTC."""
    return date.fromordinal(EPOCH + (us + 7 * 3600 * SECOND) // (86_400 * SECOND))


def is_identifier(text: str) -> bool:
    """Whether the text is an agency identifier in the old or the new scheme."""
    return len(text) <= LONGEST_IDENTIFIER and IDENTIFIER.fullmatch(text) is not None


def agency_of_dossier(code: str) -> str | None:
    """The level-1 code inside a dossier code; None when it is no dossier code."""
    found = DOSSIER.fullmatch(code)
    if not found or len(found[1]) > LONGEST_IDENTIFIER:
        return None
    if real_date(2000 + int(found[2][-2:]), int(found[3]), int(found[4])) is None:
        return None
    return level_one(found[1])


def level_one(identifier: str) -> str:
    """The level-1 code of an agency identifier: on the left of a new one, on the right of an old one."""
    return identifier[:3] if identifier[0].isalpha() else identifier[-3:]


def day_of_dossier(code: str) -> date:
    """The date written in a (valid) dossier code."""
    text = code.split("-")[1]
    return date(2000 + int(text[-6:-4]), int(text[-4:-2]), int(text[-2:]))


def canonical(value: object) -> str:
    """RFC 8785 for the values that occur here: texts without control characters, integers, lists, objects."""
    return CANONICAL.encode(value)
