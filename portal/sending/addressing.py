"""Under which key an event goes to Kafka, and whether its sender may send it at all."""

from typing import Any, NamedTuple

import msgspec

from emc.access import Caller
from emc.events import TYPE_DOSSIER
from emc.identifiers import dossier_agency, source_agency


class _Envelope(msgspec.Struct):
    source: Any = None
    type: Any = None
    subject: Any = None


class Address(NamedTuple):
    """`key`: the agency that the event counts for, None where nobody can tell. `is_own`: it may be sent."""

    key: str | None
    is_own: bool


_decode = msgspec.json.Decoder(_Envelope).decode


def address_of(event: bytes | memoryview, caller: Caller, reported_for: str | None) -> Address:
    """The address of an event; `reported_for`: the parameter `agency`.

    An event whose source cannot be read stays with its sender: his refusals must not appear with others.
    """
    try:
        envelope = _decode(event)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Address(caller.agency or reported_for, True)
    source = source_agency(envelope.source) if isinstance(envelope.source, str) else None
    if caller.agency is not None and source != caller.agency:
        return Address(caller.agency, source is None)
    if envelope.type == TYPE_DOSSIER and isinstance(envelope.subject, str):
        named = dossier_agency(envelope.subject)
        if named is not None:
            return Address(named, True)
    return Address(reported_for or source, True)
