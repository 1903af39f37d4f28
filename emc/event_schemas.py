"""The types of events as JSON Schema and AsyncAPI, made from the structs that judge them.

What types cannot say is added from the patterns in `emc.identifiers`. A schema says the form of one event;
that a date is real, lies in its bounds, or that agencies belong together, the judge alone says. A test holds
that an event of another form is refused by both.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from emc import events, identifiers

_TEXT = r"[^\u0000-\u001f\u007f-\u009f]*"
_INSTANT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_IDENTIFIER = f"({identifiers.OLD_IDENTIFIER}|{identifiers.NEW_IDENTIFIER})"
_PROCEDURE = rf"[0-9]\.[0-9]{{6}}(\.{identifiers.OLD_IDENTIFIER})?"
_DOSSIER = rf"{_IDENTIFIER}-[0-9]{{6}}([0-9]{{2}})?-[0-9]{{4,12}}"
_SYSTEM = r"[A-Za-z0-9._-]{1,64}"
_SLUG = r"[a-z][a-z0-9-]{0,63}"

FORMS: Mapping[str, Mapping[str, str]] = {
    **{
        kind: {"id": _TEXT, "source": rf"/agencies/[A-Y][0-9]{{2}}(/{_SYSTEM})?", "time": _INSTANT}
        | {"subject": subject}
        for kind, subject in (
            ("DossierEvent", _DOSSIER),
            ("ProcedureEvent", _PROCEDURE),
            ("DeclarationEvent", _DATE),
            ("HeartbeatEvent", _SYSTEM),
        )
    },
    "DossierData": {
        "procedure": _PROCEDURE,
        "unit": _IDENTIFIER,
        "settled_by": _IDENTIFIER,
        **dict.fromkeys(("submitted_at", "received_at", "due_at", "resolved_at", "returned_at"), _INSTANT),
    },
    "ProcedureData": {"valid_from": _DATE, "name": _TEXT},
    "Component": {"code": _TEXT, "reuse_source": _SLUG},
}
"""By struct and field: the pattern that a text has as a whole."""

_EVENTS = (events.DossierEvent, events.ProcedureEvent, events.DeclarationEvent, events.HeartbeatEvent)
SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def event_components(template: str = "#/$defs/{name}") -> dict[str, Any]:
    """The schemas of all events and their parts by name, and `Event` for any of them."""
    _, found = msgspec.json.schema_components(_EVENTS, ref_template=template)
    for struct, forms in FORMS.items():
        for field, pattern in forms.items():
            _require(found[struct]["properties"][field], f"^{pattern}$")
    choices = [{"$ref": template.format(name=kind.__name__)} for kind in _EVENTS]
    found["Event"] = {"title": "Event", "oneOf": choices}
    return found


def json_schema() -> dict[str, Any]:
    """One event, as JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events of the EMC monitor",
        "$ref": "#/$defs/Event",
        "$defs": event_components(),
    }


def asyncapi() -> dict[str, Any]:
    """What is sent to Kafka, as AsyncAPI 3.0."""
    reference = {"$ref": "#/components/schemas/Event"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "EMC monitor", "version": "1.1"},
        "defaultContentType": SINGLE,
        "channels": {
            "events": {
                "address": "emc.events",
                "description": "Keyed by the agency that an event counts for, murmur2.",
                "messages": {
                    "event": {"contentType": SINGLE, "payload": reference},
                    "batch": {
                        "contentType": BATCH,
                        "summary": "Events of one key, at most 1 000 and 1 MiB",
                        "payload": {"type": "array", "maxItems": 1000, "items": reference},
                    },
                },
                "bindings": {"kafka": {"partitions": 12}},
            }
        },
        "operations": {"report": {"action": "send", "channel": {"$ref": "#/channels/events"}}},
        "components": {"schemas": event_components("#/components/schemas/{name}")},
    }


def _require(schema: dict[str, Any], pattern: str) -> None:
    """Adds a pattern to the text among what a field may be."""
    re.compile(pattern)
    texts = [part for part in schema.get("anyOf", [schema]) if part.get("type") == "string"]
    texts[0]["pattern"] = pattern
