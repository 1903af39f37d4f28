"""One Kafka message: the events in it, or why it is refused as a whole."""

import json
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from tests.oracle.forms import Json

MOST_EVENTS = 1000
MOST_BYTES = 1 << 20
WHOLE = -1


class Record(NamedTuple):
    """A message as the broker holds it; `arrived_ms` is the broker's append time."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    arrived_ms: int
    partition: int
    offset: int


class Malformed(Exception):
    """The message, or the event at `index`, is malformed."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def split(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> list[Json]:
    """The parsed events of a message; of one in binary mode, the event that its headers and value make.

    Raises:
        Malformed: index −1 for the whole message, 0 when the value is one event that is not JSON.
    """
    if value is None or len(value) > MOST_BYTES:
        raise Malformed(WHOLE)
    if is_binary(headers):
        return [binary_event(value, headers)]
    batch = is_batch(value, headers)
    parsed = parse(value, WHOLE if batch else 0)
    if not batch:
        if type(parsed) is not dict:
            raise Malformed(WHOLE)
        return [parsed]
    if type(parsed) is not list or len(parsed) > MOST_EVENTS:
        raise Malformed(WHOLE)
    return parsed


def is_binary(headers: Sequence[tuple[str, bytes | None]]) -> bool:
    """A header `ce_specversion` is there, and the content type is not one of CloudEvents."""
    media = [content for name, content in headers if name.lower() == "content-type" and content is not None]
    structured = bool(media) and media[0].strip().lower().startswith(b"application/cloudevents")
    return any(name == "ce_specversion" for name, _ in headers) and not structured


def binary_event(value: bytes, headers: Sequence[tuple[str, bytes | None]]) -> Json:
    """Attributes from the headers, `data` from the value; a header that is no UTF-8 stays bytes."""
    data = parse(value, WHOLE)
    if type(data) not in (dict, list):
        raise Malformed(WHOLE)
    event: dict[str, Json] = {}
    for name, content in headers:
        if name.startswith("ce_"):
            event[name[3:]] = utf8(content)
    return event | {"data": data}


def utf8(content: bytes | None) -> str | bytes | None:
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return content


def is_batch(value: bytes, headers: Sequence[tuple[str, bytes | None]]) -> bool:
    """By the content type; where it says neither, by the first byte."""
    for name, content in headers:
        if name.lower() == "content-type" and content is not None:
            media = content.decode("latin-1").split(";")[0].strip().lower()
            if media == "application/cloudevents-batch+json":
                return True
            if media == "application/cloudevents+json":
                return False
    first = value.lstrip(b" \t\r\n")[:1]
    if first not in (b"{", b"["):
        raise Malformed(WHOLE)
    return first == b"["


def parse(value: bytes, index: int) -> Json:
    """Strict JSON: no NaN, no byte order mark, no surrogate without its other half."""
    try:
        text = value.decode("utf-8")
        parsed = json.loads(text, parse_constant=refuse, parse_int=bounded)
        if "\\ud" in text.lower():
            json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Malformed(index) from error
    return parsed


def refuse(word: str) -> NoReturn:
    raise ValueError(word)


def bounded(digits: str) -> int:
    """An integer; one beyond any field's range need not be exact."""
    return int(digits) if len(digits) <= 30 else 10**30
