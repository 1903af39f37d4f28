"""The events of a request: CloudEvents 1.0 over HTTP, structured, in a batch, or binary.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

import msgspec

from emc.contract import MAX_MESSAGE_BYTES, MAX_MESSAGE_EVENTS, split_message
from emc.errors import InputError
from emc.verdicts import Malformed
from portal.errors import TooLarge, UnsupportedMediaType

SINGLE, BATCH, BINARY = (
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/json",
)
_PREFIX = "ce-"
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
Event = bytes | memoryview


def events_of(media: str, headers: Iterable[tuple[str, str]], body: bytes) -> list[Event]:
    """The events of a body of this media type, each as its JSON, unjudged.

    InputError when the body as a whole is none; TooLarge for more than 1 000.
    """
    if media == BATCH:
        return _batch(body)
    if media == SINGLE:
        _object(body)
        return [body]
    attributes = [(name, value) for name, value in headers if name.startswith(_PREFIX)]
    if media not in (BINARY, "") or not attributes:  # an SDK leaves it out where the event names none
        raise UnsupportedMediaType(
            f"expected {SINGLE} or {BATCH}, or {BINARY} with attributes as ce- headers"
        )
    return [_binary(attributes, body)]


def _batch(body: bytes) -> list[Event]:
    try:
        return split_message(body, BATCH)
    except Malformed as error:
        if "1 000" in str(error):
            raise TooLarge(f"the body has more than {MAX_MESSAGE_EVENTS} events") from None
        raise InputError(f"the body as a whole holds no events: {error}") from None


def _object(body: bytes) -> None:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise InputError("the body as a whole holds no event: expected JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise InputError("the body as a whole holds no event: expected a JSON object")


def _binary(attributes: list[tuple[str, str]], body: bytes) -> bytes:
    """The same event in structured mode. A header's value is UTF-8, percent-encoded or not."""
    found: dict[str, object] = {}
    for name, value in attributes:
        short = name.removeprefix(_PREFIX)
        if short in found:
            raise InputError(f"the header {name} was given more than once")
        try:
            found[short] = _unquoted(value).decode("utf-8")
        except (UnicodeDecodeError, UnicodeEncodeError):
            raise InputError(f"the header {name} is not UTF-8, percent-encoded") from None
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise InputError("the body as a whole holds no data: expected JSON in UTF-8") from None
    found["data"] = msgspec.Raw(body)
    event = msgspec.json.encode(found)
    if len(event) > MAX_MESSAGE_BYTES:
        raise TooLarge(f"the event has more than {MAX_MESSAGE_BYTES} bytes")
    return event


def _unquoted(value: str) -> bytes:
    """The bytes that a header's value stands for: some senders quote it, some do not percent-encode it."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = _ESCAPED.sub(r"\1", value[1:-1])
    return unquote_to_bytes(value.encode("latin-1"))  # the letters in which a server shows bytes
