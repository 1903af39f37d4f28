"""A sender's events judged before any is sent: with everything that would refuse them, not only the first."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from emc import diagnosis
from emc.contract import MAX_FUTURE, judge, split_message
from emc.disclosure import shown_id
from emc.events import TYPE_DOSSIER
from emc.identifiers import dossier_agency, source_agency
from emc.instants import parse_instant
from emc.registry import Registry
from emc.verdicts import Fault, Malformed, Reason, Rejected

_IN_DATA = "$.data"


class Examined(NamedTuple):
    """An event: its id as it may be shown, and what would refuse it, that which the stream gives first."""

    id: str | None
    faults: list[Fault]


def events_of(value: bytes) -> Iterator[tuple[str, bytes | memoryview]]:
    """The events of a file, each with its place: one, an array, or one of these a line.

    Malformed for a file that holds none.
    """
    lines = [(number, line) for number, line in enumerate(value.splitlines(), start=1) if line.strip()]
    if not lines:
        raise Malformed("expected one event, an array of events, or one of these a line")
    if len(lines) == 1 or _is_json(value) or not _is_json(lines[0][1]):
        lines = [(0, value)]
    for number, message in lines:
        for index, event in enumerate(split_message(message, None)):
            places = ([f"line {number}"] if number else []) + (
                [f"event {index}"] if index or not number else []
            )
            yield ", ".join(places), event


def examine(event: bytes | memoryview, key: bytes | None, arrived: int, registry: Registry) -> Examined:
    """Judges an event that would arrive at the instant `arrived` (µs).

    `key`: the Kafka key; None: the agency in the dossier's code, else that of the source.
    """
    envelope = _envelope(event)
    key = key or _key_of(envelope)
    id_ = envelope.get("id")
    shown = shown_id(id_) if isinstance(id_, str) else None
    verdict = judge(event, key, arrived, registry)
    if not isinstance(verdict, Rejected):
        return Examined(shown, [])
    first = Fault(verdict.reason, verdict.path, verdict.detail)
    faults = {fault.path: fault for fault in (first, *diagnosis.all_faults(event))}
    if all(path.startswith(_IN_DATA) for path in faults):
        related = judge(msgspec.json.encode({**envelope, "data": {}}), key, arrived, registry)
        if isinstance(related, Rejected):
            faults[related.path] = Fault(related.reason, related.path, related.detail)
    if "$.time" not in faults and _is_future(envelope.get("time"), arrived):
        faults["$.time"] = Fault(Reason.FUTURE, "$.time", "expected at most 1 hour after arrival")
    return Examined(shown, list(faults.values()))


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return False
    return True


def _envelope(event: bytes | memoryview) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(event)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _key_of(envelope: dict[str, Any]) -> bytes | None:
    source, subject = envelope.get("source"), envelope.get("subject")
    agency = source_agency(source) if isinstance(source, str) else None
    if envelope.get("type") == TYPE_DOSSIER and isinstance(subject, str):
        agency = dossier_agency(subject) or agency
    return agency.encode() if agency else None


def _is_future(time: object, arrived: int) -> bool:
    try:
        return isinstance(time, str) and parse_instant(time) > arrived + MAX_FUTURE
    except ValueError:
        return False
