"""Days and moments as a person types them: `31/3/2024`, `31-03-2024`, `31032024` or `2024-03-31`."""

import re
from datetime import datetime

from emc.errors import InputError
from emc.instants import HANOI, format_instant
from emc.translation import Language

PATTERN = r"[0-9]{8}|[0-9]{1,2}[\/.\-][0-9]{1,2}[\/.\-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
"""What a browser lets through as a day."""
_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})|([0-9]{2})([0-9]{2})([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def day_of(text: str) -> str:
    """A typed day as the API writes it; a text that is none as it is, to be refused where days are read."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return text
    day, month, year = (int(part) for part in found.groups() if part is not None)
    return f"{year:04}-{month:02}-{day:02}"


def shown_day(text: str, language: Language) -> str:
    """A day for a field to be typed in: in Vietnamese `01/03/2024`; what is no day as it is."""
    found = _ISO.fullmatch(text)
    if found is None or language is not Language.VI:
        return text
    year, month, day = found.groups()
    return f"{day}/{month}/{year}"


def moment_of(text: str) -> int | None:
    """What a field for a moment says (µs), in Asia/Ho_Chi_Minh; None for an empty one."""
    day, _, clock = text.strip().replace("T", " ").partition(" ")
    if not day:
        return None
    try:
        at = datetime.fromisoformat(f"{day_of(day)}T{clock.strip() or '00:00'}").replace(tzinfo=HANOI)
    except ValueError:
        raise InputError("the moment of the export is none, expected a day and hh:mm") from None
    return int(at.timestamp()) * 1_000_000


def shown_moment(moment: int | None, language: Language) -> str:
    """A moment (µs) for a field to be typed in; empty for None."""
    if moment is None:
        return ""
    day, _, clock = format_instant(moment, HANOI)[:16].partition("T")
    return f"{shown_day(day, language)} {clock}"
