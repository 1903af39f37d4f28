"""CloudEvents' binary mode, as the SDKs' Kafka binding writes it: attributes in headers, `data` as the value.

Such an event is put into the structured form and judged as that: one judgement for both. Headers that are not
attributes say nothing here, whatever their bytes.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from emc.contract import MAX_MESSAGE_BYTES, judge
from emc.disclosure import shown_dossier, shown_source
from emc.registry import Registry
from emc.verdicts import Accepted, Malformed, Reason, Rejected

Headers = Iterable[tuple[str, bytes | None]]
PREFIX = "ce_"
MARK = "ce_specversion"
_STRUCTURED = "application/cloudevents"
_KNOWN = ("specversion", "id", "source", "type", "subject", "time")
_BEFORE_INVALID = (Reason.MALFORMED, Reason.UNSUPPORTED, Reason.INVALID, Reason.UNKNOWN_FIELD)
_as_json = msgspec.json.Decoder(msgspec.Raw).decode


class Attributes(NamedTuple):
    """The attributes that are text; whether one that the contract does not name was none."""

    texts: dict[str, str]
    is_other_spoiled: bool


def is_structured(content_type: str | None) -> bool:
    """Whether a content type is one of CloudEvents: the value is then an event, whatever the headers."""
    return content_type is not None and content_type.strip().lower().startswith(_STRUCTURED)


def attributes(headers: Headers) -> Attributes:
    """The attributes in the headers; of several with one name the last holds, one that is null is absent."""
    texts, spoiled = dict[str, str](), set[str]()
    for name, value in headers:
        if not name.startswith(PREFIX):
            continue
        attribute = name[len(PREFIX) :]
        texts.pop(attribute, None)
        spoiled.discard(attribute)
        try:
            if value is not None:
                texts[attribute] = value.decode()
        except UnicodeDecodeError:
            spoiled.add(attribute)
    return Attributes(texts, not spoiled <= set(_KNOWN))


def structured(found: Mapping[str, str], value: bytes | None) -> bytes:
    """The event in structured mode; Malformed when the value cannot be `data`."""
    if value is None:
        raise Malformed("expected a value: the event's data, as JSON")
    if len(value) > MAX_MESSAGE_BYTES:
        raise Malformed("expected at most 1 MiB")
    try:
        str(value, "utf-8")
        _as_json(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Malformed("expected the event's data, as JSON in UTF-8") from None
    if value.lstrip(b" \t\r\n")[:1] not in (b"{", b"["):
        raise Malformed("expected the event's data: a JSON object")
    named = {name: text for name, text in found.items() if name in _KNOWN}
    head = msgspec.json.encode(named).removesuffix(b"}")
    return head + (b"," if named else b"") + b'"data":' + value + b"}"


def judge_binary(
    headers: Headers, value: bytes | None, key: bytes | None, arrived: int, registry: Registry
) -> Accepted | Rejected:
    """What becomes of a message in binary mode, as `judge` says; Malformed as `structured` does."""
    found = attributes(headers)
    verdict = judge(structured(found.texts, value), key, arrived, registry)
    if not found.is_other_spoiled:
        return verdict
    if isinstance(verdict, Rejected):
        if verdict.reason in _BEFORE_INVALID:
            return verdict
        told = verdict.agency, verdict.id, verdict.subject, verdict.source
    else:
        shown = shown_dossier(verdict.subject), shown_source(verdict.source)
        told = verdict.source[10:13], verdict.id, *shown
    return Rejected(Reason.INVALID, "$.*", "expected attributes in UTF-8", *told)
