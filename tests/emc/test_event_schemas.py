"""The schemas that senders get say what the judge says, as far as a form can."""

import json

import jsonschema_rs
import pytest

from emc.contract import judge, split_message
from emc.event_schemas import FORMS, asyncapi, event_components, json_schema
from emc.registry import load_registry
from emc.verdicts import Malformed, Reason, Rejected
from tests.contract.all_vectors import VECTORS
from tests.contract.building import ARRIVED_US, Vector

REGISTRY = load_registry()
OF_FORM = {Reason.MALFORMED, Reason.UNSUPPORTED, Reason.INVALID, Reason.UNKNOWN_FIELD}
VALIDATOR = jsonschema_rs.validator_for(json_schema())


def events(vector: Vector) -> list[bytes]:
    """The events of a vector that are in structured mode."""
    if vector.attributes:
        return []
    try:
        return [bytes(event) for event in split_message(vector.value, vector.content_type)]
    except Malformed:
        return []


@pytest.mark.parametrize("name", VECTORS)
def test_what_is_of_another_form_for_the_schema_is_refused_by_the_judge(name: str) -> None:
    vector = VECTORS[name]
    for event in events(vector):
        if len(event) > 10_000:  # a number of ten thousand digits, which Python's own reader refuses
            continue
        verdict = judge(event, vector.key, ARRIVED_US, REGISTRY)
        refused = isinstance(verdict, Rejected) and verdict.reason in OF_FORM
        try:
            fits = VALIDATOR.is_valid(json.loads(event))
        except (ValueError, RecursionError):
            fits = False
        assert fits or refused, "the schema refuses what the judge takes"


def test_the_schema_refuses_nearly_all_that_the_judge_refuses_for_its_form() -> None:
    refused = missed = 0
    for vector in VECTORS.values():
        for event in events(vector):
            verdict = judge(event, vector.key, ARRIVED_US, REGISTRY)
            if not isinstance(verdict, Rejected) or verdict.reason not in OF_FORM:
                continue
            refused += 1
            try:
                missed += VALIDATOR.is_valid(json.loads(event))
            except (ValueError, RecursionError):
                continue
    assert refused > 100
    assert missed < refused / 4  # real dates, bounds of instants, names given twice: the judge alone knows


def test_every_text_of_an_event_has_a_form_or_a_choice() -> None:
    for struct, schema in event_components().items():
        for field, form in schema.get("properties", {}).items():
            texts = [part for part in form.get("anyOf", [form]) if part.get("type") == "string"]
            for text in texts:
                assert "pattern" in text or "enum" in text, f"{struct}.{field}"
    assert FORMS.keys() < event_components().keys()


def test_asyncapi_speaks_of_the_same_events() -> None:
    described = asyncapi()
    assert described["channels"]["events"]["address"] == "emc.events"
    assert described["components"]["schemas"].keys() == event_components().keys()
