"""Times as agencies write them, into RFC 3339 with offset."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, tzinfo

_iso = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
    r"( ?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?))?)?"
).fullmatch


def read_time(value: object, zone: tzinfo, formats: Sequence[str] = ()) -> datetime:
    """A time with offset; `zone` is assumed where none is written.

    Texts are tried as ISO 8601 (date and time, or a date alone: its first moment), then in each of
    `formats`, as `strptime` reads them. ValueError says the expected forms, never the value.
    """
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time(), zone)
    elif isinstance(value, str):
        moment = _read_text(value, formats)
    else:
        raise ValueError(_expected(formats))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def rfc3339(moment: datetime) -> str:
    """A time with offset as the contract writes it."""
    return moment.isoformat()


def _read_text(text: str, formats: Sequence[str]) -> datetime:
    if _iso(text):
        try:
            return datetime.fromisoformat(
                text.upper().replace(" +", "+").replace(" -", "-").replace(" Z", "Z")
            )
        except ValueError:
            raise ValueError(_expected(formats)) from None
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added by the caller
        except ValueError:
            continue
    raise ValueError(_expected(formats))


def _expected(formats: Sequence[str]) -> str:
    return "expected a time: " + " or ".join(("ISO 8601", *formats))
