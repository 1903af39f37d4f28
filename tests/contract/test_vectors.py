"""The contract, vector by vector, against the product's judgement."""

from itertools import starmap

import pytest

from emc.agencies import Delegation
from emc.binary_mode import MARK, is_structured, judge_binary
from emc.contract import judge, refused_whole, split_message
from emc.instants import format_instant
from emc.registry import Registry, load_registry
from emc.verdicts import Accepted, Malformed, Rejected
from tests.contract.all_vectors import VECTORS
from tests.contract.building import ARRIVED_US, INSTANTS, Fault, Taken, Vector

REGISTRY = load_registry()
Verdict = Accepted | Rejected


def verdicts(vector: Vector) -> list[Verdict] | Rejected:
    """What the product makes of a vector's message: a verdict an event, or one for the whole."""
    registry = Registry(REGISTRY.agencies.values(), starmap(Delegation, vector.delegations))
    is_marked = any(name == MARK for name, _ in vector.attributes)
    found: list[Verdict]
    try:
        if is_marked and not is_structured(vector.content_type):
            found = [judge_binary(vector.headers, vector.value, vector.key, ARRIVED_US, registry)]
        else:
            events = split_message(vector.value, vector.content_type)
            found = [judge(event, vector.key, ARRIVED_US, registry) for event in events]
    except Malformed as error:
        return refused_whole(error, vector.key)
    if isinstance(vector.expected, Fault):
        assert len(found) == 1, "expected the whole message refused"
        assert isinstance(found[0], Rejected), "expected the whole message refused"
        return found[0]
    return found


def utc(us: int) -> str:
    return format_instant(us).replace("+00:00", "Z")


def check_taken(verdict: Verdict, expected: Taken) -> None:
    assert isinstance(verdict, Accepted), verdict
    fields = {k: utc(v) if k in INSTANTS and v is not None else v for k, v in verdict.fields.items()}
    assert expected.fields is None or fields == expected.fields
    assert expected.subject is None or verdict.subject == expected.subject
    assert expected.agency is None or verdict.agency == expected.agency
    assert expected.valid_from is None or verdict.valid_from == expected.valid_from
    assert expected.time is None or utc(verdict.time) == expected.time


def check_refused(verdict: Verdict, expected: Fault) -> None:
    assert isinstance(verdict, Rejected), verdict
    assert (verdict.reason, verdict.path) in {(expected.reason, expected.path), *expected.others}
    assert verdict.detail


@pytest.mark.parametrize("name", VECTORS)
def test_product_judges_as_the_contract_says(name: str) -> None:
    vector = VECTORS[name]
    found = verdicts(vector)
    if isinstance(found, Rejected):
        assert isinstance(vector.expected, Fault), found
        check_refused(found, vector.expected)
        return
    assert not isinstance(vector.expected, Fault)
    assert len(found) == len(vector.expected)
    for verdict, expected in zip(found, vector.expected, strict=True):
        if isinstance(expected, Taken):
            check_taken(verdict, expected)
        else:
            check_refused(verdict, expected)


def test_details_never_show_a_value() -> None:
    marked = [vector for vector in VECTORS.values() if vector.value and b"XXX" in vector.value]
    assert marked
    for vector in marked:
        found = verdicts(vector)
        for verdict in [found] if isinstance(found, Rejected) else found:
            assert "XXX" not in getattr(verdict, "detail", "")
