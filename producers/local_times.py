"""Times as agencies write them, into RFC 3339 with offset."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo

EXCEL = "excel"  # among `formats`: a spreadsheet's day number
_iso = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
    r"( ?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?))?)?"
).fullmatch
DIRECTIVE = re.compile(r"%[A-Za-z]")
_serial = re.compile(r"[1-9][0-9]{4}(?:[.,][0-9]+)?").fullmatch
_year_last = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})(?![0-9])").match
_year_first = re.compile(r"([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})(?![0-9])").match
NO_SUCH_DAY = "expected a time: there is no such day in that month"
SPELLINGS = {
    "yyyy": "%Y",
    "yy": "%y",
    "MM": "%m",
    "M": "%m",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "ss": "%S",
    "s": "%S",
    "tt": "%p",
    "SSS": "%f",
    "ffffff": "%f",
    "fff": "%f",
}
"""How offices write a date's parts, and `strptime`; of each part first as it is told."""
_SPELLED = {directive: word for word, directive in reversed(SPELLINGS.items())}
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - the zone is added by the caller
_SERIAL_FOUND = (
    "found a spreadsheet's day number: format the column as dd/MM/yyyy HH:mm:ss before saving it as CSV"
)


def read_time(value: object, zone: tzinfo, formats: Sequence[str] = ()) -> datetime:
    """A time with offset; `zone` is assumed where none is written.

    Texts are tried as ISO 8601 (date and time, or a date alone: its first moment), then in each of
    `formats`, as `strptime` reads them, or `excel` for a spreadsheet's day number. ValueError says the
    expected forms, or that there is no such day; never the value.
    """
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time(), zone)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        moment = _read_text(str(value).strip(), formats)
    else:
        raise ValueError(_expected(formats))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def rfc3339(moment: datetime) -> str:
    """A time with offset as the contract writes it."""
    return moment.isoformat()


def no_such_day(year: int, month: int, day: int) -> str | None:
    """What to say of a date that the calendar does not have; None of one that it has."""
    if not 1 <= month <= 12:
        return "expected a time: there is no such month; is the month written before the day?"
    if not 1 <= day <= monthrange(min(max(year, 1), 9999), month)[1]:
        return NO_SUCH_DAY
    return None


def _read_text(text: str, formats: Sequence[str]) -> datetime:
    if _iso(text):
        try:
            return datetime.fromisoformat(
                text.upper().replace(" +", "+").replace(" -", "-").replace(" Z", "Z")
            )
        except ValueError:
            raise ValueError(_why_not(text, formats)) from None
    text = text if text.isascii() else unicodedata.normalize("NFC", text)
    for form in formats:
        try:
            if form != EXCEL:
                return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added by the caller
            if _serial(text):
                days = timedelta(days=float(text.replace(",", ".")))
                return _SERIAL_ZERO + timedelta(seconds=round(days.total_seconds()))
        except ValueError:
            continue
    raise ValueError(_why_not(text, formats))


def _why_not(text: str, formats: Sequence[str]) -> str:
    """The sentence for a text that is no time in any of the forms."""
    if _serial(text):
        return f"{_expected(formats)}; {_SERIAL_FOUND}"
    if found := _year_first(text):
        year, month, day = map(int, found.groups())
    elif found := _year_last(text):
        day, month, year = map(int, found.groups())
        if _month_first(formats):
            day, month = month, day
    else:
        return _expected(formats)
    return no_such_day(year, month, day) or _expected(formats)


def _month_first(formats: Sequence[str]) -> bool:
    return any(0 <= form.find("%m") < form.find("%d") for form in formats)


def _expected(formats: Sequence[str]) -> str:
    return "expected a time: " + " or ".join(("ISO 8601", *map(_spelled, formats)))


def _spelled(form: str) -> str:
    """A form as offices write it: `dd/MM/yyyy` for `%d/%m/%Y`."""
    return DIRECTIVE.sub(lambda found: _SPELLED.get(found[0], found[0]), form)
