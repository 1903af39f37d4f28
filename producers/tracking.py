"""Tracking messages, as dossier systems push them to EMC at each change of state, into dossier events' data.

One message is a JSON object or a form (`application/x-www-form-urlencoded`), its names in any case. It bears
no time, agency, unit, result or component: it is dated by its arrival, and attributed by its `siteId`. What
it says of people (`user`, `data`) and the procedure's name are dropped where it is read.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote_plus

import msgspec

from emc.instants import HANOI, format_instant
from producers.dossier_sync import values
from producers.dossier_sync.record import read_procedure
from producers.said import Fault, Notice, Said
from producers.source_words import SourceWords

FORM = "application/x-www-form-urlencoded"
_FIELDS = (
    *("siteId", "codeProfile", "maHoSo", "codeTTHC", "status", "formsReception", "formsPayments", "level"),
    *("isFromDVCQG", "isDVCBC"),
)
TIMES = ("time", "arrived_at", "arrivedAt")  # columns of a file of such messages
_NAMES = {name.lower(): name for name in (*_FIELDS, *TIMES)}
_DIRECT, _ONLINE, _POST = 2, 1, 1
_STATUSES = {0: None, 1: 2, 2: 4, 3: 10, 4: 4}
_CHANNELS = {_ONLINE: "online", _DIRECT: "direct"}
_PAID = {1: True, 2: False}
_LEVELS = {4: "full", 1: "full", 3: "partial", 0: "partial"}
_COLUMNS = {
    "procedure": "codeTTHC",
    "channel": "formsReception",
    "status": "status",
    "paid_online": "formsPayments",
    "claimed_level": "level",
}
_jsonish = re.compile(rb"\s*[\[{]").match
Message = dict[str, object]


def parse_message(body: bytes, content_type: str | None = None) -> Message:
    """The fields of one message by their official names, people's dropped; ValueError when it is none.

    A form whose procedure name holds an unescaped `&` or `=` is read all the same: a piece that begins with
    no known name belongs to the name before it.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    media = (content_type or "").partition(";")[0].strip().lower()
    if media == FORM or (media != "application/json" and not _jsonish(body)):
        return _parse_form(body)
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise ValueError("expected one message: a JSON object in UTF-8, or a form") from None
    if not isinstance(found, dict):
        raise ValueError("expected one message: a JSON object in UTF-8, or a form")
    return known_fields(found)


def known_fields(record: Mapping[str, object]) -> Message:
    """A message's fields by their official names, whatever their case; all others are dropped."""
    return {_NAMES[name.lower()]: value for name, value in record.items() if name.lower() in _NAMES}


def _parse_form(body: bytes) -> Message:
    found: Message = {}
    for piece in body.decode("utf-8", "replace").strip().split("&"):
        name, is_pair, value = piece.partition("=")
        official = _NAMES.get(unquote_plus(name).strip().lower())
        if is_pair and official is not None:
            found[official] = unquote_plus(value)
    if not found:
        raise ValueError("expected one message: a JSON object in UTF-8, or a form")
    return found


def site_of(message: Mapping[str, object]) -> str | None:
    """The site that sends, as `tracking_sites.csv` names it; None when the message does not say."""
    site = message.get("siteId")
    if isinstance(site, bool) or not isinstance(site, str | int):
        return None
    return str(site).strip() or None


def read_message(
    message: Mapping[str, object],
    arrived: int,
    is_first: Callable[[str], bool],
    words: SourceWords | None = None,
) -> Said:
    """What a message, as `parse_message` gives it, says of its dossier at the instant `arrived` (µs).

    `is_first(dossier)` tells whether nothing of the dossier came from this source before: then a dossier that
    is received (status 1) was received now.
    """
    reading = _Reading(message)
    said = reading.said
    said.subject = _code(message)
    if not said.subject:
        said.faults.append(Fault("maHoSo", "expected a dossier code in maHoSo or codeProfile", "$.subject"))
    _read_status(reading, format_instant(arrived, HANOI), is_first)
    procedure = values.text(message.get("codeTTHC")) if isinstance(message.get("codeTTHC"), str) else None
    if procedure is not None:
        said.data["procedure"] = read_procedure(procedure, said, words or SourceWords())
    reception = reading.number("formsReception", "channel", 0, 1, 2)
    channel = _CHANNELS.get(reception or 0)
    if channel == "direct" and reading.number("isDVCBC", "channel", 0, 1, 2) == _POST:
        channel = "postal"
    reading.set("channel", channel)
    reading.set("paid_online", _PAID.get(reading.number("formsPayments", "paid_online", 0, 1, 2) or 0))
    level = reading.number("level", "claimed_level", 0, 1, 2, 3, 4)
    reading.set("claimed_level", None if level is None else _LEVELS.get(level))
    return said.without_faults()


def column_of(field: str | None) -> str:
    """The message's name for a contract field (None: the dossier's code)."""
    return "maHoSo" if field is None else _COLUMNS.get(field, field)


class _Reading:
    """One message under reading."""

    def __init__(self, message: Mapping[str, object]) -> None:
        self.said = Said("")
        self._message = message

    def number(self, name: str, field: str, *allowed: int) -> int | None:
        """A number of the message; a fault when it is none of those allowed."""
        try:
            number = values.whole(self._message.get(name))
        except ValueError:
            number = -1
        if number is None or number in allowed:
            return number
        expected = "expected one of " + ", ".join(map(str, allowed))
        self.said.faults.append(Fault(name, expected, f"$.data.{field}"))
        return None

    def set(self, field: str, value: object) -> None:
        """Sets a field; None says nothing, since a message does not clear."""
        if value is not None:
            self.said.data[field] = value


def _code(message: Mapping[str, object]) -> str:
    """The dossier's code: `maHoSo`, else `codeProfile`, which at some steps is the national one."""
    codes = (message.get(name) for name in ("maHoSo", "codeProfile"))
    return next((code.strip() for code in codes if isinstance(code, str) and code.strip()), "")


def _read_status(reading: _Reading, arrived: str, is_first: Callable[[str], bool]) -> None:
    number = reading.number("status", "status", *_STATUSES, *range(5, 100))
    if number is not None and number not in _STATUSES:
        reading.said.notice(Notice.UNKNOWN_STATUS)
    status = _STATUSES.get(number or 0)
    reading.set("status", status)
    if status == 2 and reading.said.subject and is_first(reading.said.subject):
        reading.set("received_at", arrived)
    if status == 10:
        reading.set("resolved_at", arrived)
        reading.set("returned_at", arrived)
