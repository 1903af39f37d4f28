"""Judging what arrives: Kafka values into events, events into accepted ones or rejections.

The fast path decodes an event into its typed struct and checks the forms that types cannot say. Whatever
fails there is read again by `emc.diagnosis`, which finds the reason to give.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from emc import diagnosis, identifiers
from emc.disclosure import shown_dossier, shown_id, shown_source
from emc.events import (
    DeclarationEvent,
    DossierEvent,
    Event,
    HeartbeatEvent,
    ProcedureEvent,
)
from emc.instants import EARLIEST_DATE, HOUR, LATEST_DATE, parse_date, parse_instant
from emc.registry import Registry
from emc.verdicts import Accepted, Malformed, Reason, Rejected

MAX_MESSAGE_BYTES = 1024 * 1024
MAX_MESSAGE_EVENTS = 1000
MAX_FUTURE = HOUR
FIRST_ENTRY = date(1970, 1, 1)

_SINGLE, _BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
_BATCHES: dict[str | None, bool] = {_SINGLE: False, _BATCH: True}
_decode_event = msgspec.json.Decoder(Event).decode
_decode_batch = msgspec.json.Decoder(list[msgspec.Raw]).decode


def split_message(value: bytes | None, content_type: str | None) -> list[bytes | memoryview]:
    """The events of a Kafka value, each as its bytes; Malformed when the value as a whole holds none.

    `content_type` is the header of that name; without one that is known, the first byte decides.
    """
    if value is None:
        raise Malformed("expected a value: one event or an array of events, as JSON")
    if len(value) > MAX_MESSAGE_BYTES:
        raise Malformed("expected at most 1 MiB")
    batch = _BATCHES.get(content_type)
    if batch is None:
        batch = _is_batch(value, content_type)
    try:
        str(value, "utf-8")
    except UnicodeDecodeError:
        raise Malformed("expected UTF-8") from None
    if not batch:
        return [value]
    try:
        events = _decode_batch(value)
    except (msgspec.MsgspecError, RecursionError):
        raise Malformed("expected a JSON array of events") from None
    if len(events) > MAX_MESSAGE_EVENTS:
        raise Malformed("expected at most 1 000 events")
    return [memoryview(event) for event in events]


def _is_batch(value: bytes, content_type: str | None) -> bool:
    media = content_type.partition(";")[0].strip().lower() if content_type else ""
    if media in (_SINGLE, _BATCH):
        return media == _BATCH
    start = value.lstrip(b" \t\r\n")[:1]
    if start not in (b"{", b"["):
        raise Malformed("expected a JSON object or an array of objects")
    return start == b"["


def judge(
    event: bytes | memoryview, key: bytes | None, arrived: int, registry: Registry
) -> Accepted | Rejected:
    """What becomes of one event that arrived at the instant `arrived` (µs) under the Kafka key `key`."""
    try:
        accepted = _normal_form(_decode_event(event))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        rejected = diagnosis.diagnose(event)
        rejected.agency = _agency_to_show(rejected.agency, key, registry)
        return rejected
    return _relate(accepted, key, arrived, registry)


def _normal_form(event: Event) -> Accepted:
    """The event in normal form; ValueError where a form is wrong."""
    id_, subject = _text(event.id), event.subject
    time = parse_instant(event.time)
    source = identifiers.source_agency(event.source)
    if source is None:
        raise ValueError("source")
    if type(event) is DossierEvent:
        agency = identifiers.dossier_agency(subject)
        if agency is None:
            raise ValueError("subject")
        return Accepted("dossier", agency, subject, "", time, id_, event.source, _fields(event.data))
    if type(event) is ProcedureEvent:
        fields = _fields(event.data)
        valid_from = fields.pop("valid_from", None) or FIRST_ENTRY.isoformat()
        subject = _procedure(subject)
        return Accepted("procedure", source, subject, valid_from, time, id_, event.source, fields)
    if type(event) is DeclarationEvent:
        _date(subject, EARLIEST_DATE)
        return Accepted("declaration", source, subject, "", time, id_, event.source, _fields(event.data))
    assert type(event) is HeartbeatEvent
    if not identifiers.is_system(subject):
        raise ValueError("subject")
    return Accepted("heartbeat", source, subject, "", time, id_, event.source, {})


def _relate(accepted: Accepted, key: bytes | None, arrived: int, registry: Registry) -> Accepted | Rejected:
    """Whether the agencies named are known and belong together, and the time is not of the future."""
    agency, source = accepted.agency, accepted.source[10:13]
    in_time = accepted.time <= arrived + MAX_FUTURE
    is_dossier = accepted.kind == "dossier"
    belongs = is_dossier and key == agency.encode() and (source, agency) in registry.reporting
    if in_time and belongs and "settled_by" not in accepted.fields:
        return accepted
    if source not in registry:
        return _refuse(
            accepted, key, registry, Reason.UNKNOWN_AGENCY, "$.source", "an agency of the registry"
        )
    if agency not in registry:
        return _refuse(
            accepted, key, registry, Reason.UNKNOWN_AGENCY, "$.subject", "an agency of the registry"
        )
    settled_by = accepted.fields.get("settled_by")
    if settled_by is not None and identifiers.level1(settled_by) not in registry:
        expected = "an identifier of an agency of the registry"
        return _refuse(accepted, key, registry, Reason.UNKNOWN_AGENCY, "$.data.settled_by", expected)
    if key is None:
        return _refuse(accepted, key, registry, Reason.AGENCY_MISMATCH, "$", "a Kafka key: the agency's code")
    if not is_dossier:
        # these count for the agency in the key, also when its successor reports them
        agency = accepted.agency = key.decode("utf-8", "replace")
    elif key != agency.encode():
        expected = "a dossier of the agency in the Kafka key"
        return _refuse(accepted, key, registry, Reason.AGENCY_MISMATCH, "$.subject", expected)
    if not registry.speaks_for(accepted.source[10:], agency):
        expected = _who_may_speak(source, agency, registry)
        return _refuse(accepted, key, registry, Reason.AGENCY_MISMATCH, "$.source", expected)
    if not in_time:
        return _refuse(accepted, key, registry, Reason.FUTURE, "$.time", "at most 1 hour after arrival")
    return accepted


def _who_may_speak(source: str, agency: str, registry: Registry) -> str:
    """Who may report for the agency in the key, and what to add to the registry so that this source may."""
    expected = "the agency in the Kafka key, a successor of it, or a delegate"
    if agency not in registry:
        return expected
    return f"{expected}: the row {source},{agency} in the registry's delegations.csv makes the source one"


def _refuse(
    event: Accepted, key: bytes | None, registry: Registry, reason: Reason, path: str, expected: str
) -> Rejected:
    agency = _agency_to_show(event.source[10:13], key, registry)
    told = shown_id(event.id), shown_dossier(event.subject), shown_source(event.source)
    return Rejected(reason, path, f"expected {expected}", agency, *told)


def refused_whole(error: Malformed, key: bytes | None) -> Rejected:
    """The rejection of a message that holds no events."""
    return Rejected(Reason.MALFORMED, "$", str(error), _agency_of_key(key))


def _agency_to_show(source: str | None, key: bytes | None, registry: Registry) -> str | None:
    return source if source is not None and source in registry else _agency_of_key(key)


def _agency_of_key(key: bytes | None) -> str | None:
    """The key as an agency code; any other text is not shown, since it could be personal."""
    code = (key or b"").decode("utf-8", "replace")
    return code if identifiers.is_agency(code) else None


def _fields(data: msgspec.Struct) -> dict[str, Any]:
    """The registers that are present, in normal form; `to_builtins` leaves out what is absent."""
    fields: dict[str, Any] = msgspec.to_builtins(data)
    for name, value in fields.items():
        normal = _normal_of(name)
        if normal is not None and value is not None:
            fields[name] = normal(value)
    return fields


def _procedure(text: str) -> str:
    code = identifiers.procedure_code(text)
    if code is None:
        raise ValueError("procedure")
    return code


def _identifier(text: str) -> str:
    if identifiers.level1(text) is None:
        raise ValueError("agency identifier")
    return text


def _text(text: str) -> str:
    if text.isprintable() or not identifiers.has_control(text):
        return text
    raise ValueError("control character")


def _date(text: str, earliest: date = FIRST_ENTRY) -> str:
    if not earliest <= parse_date(text) <= LATEST_DATE:
        raise ValueError("date out of range")
    return text


def _components(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for component in components:
        _text(component["code"])
        source = component.get("reuse_source")
        if source is not None and not identifiers.is_slug(source):
            raise ValueError("reuse_source")
    return components


_NORMAL: dict[str, Callable[[Any], Any]] = {
    "procedure": _procedure,
    "unit": _identifier,
    "settled_by": _identifier,
    "components": _components,
    "name": _text,
    "valid_from": _date,
    **dict.fromkeys(("submitted_at", "received_at", "due_at", "resolved_at", "returned_at"), parse_instant),
}
_normal_of = _NORMAL.get
