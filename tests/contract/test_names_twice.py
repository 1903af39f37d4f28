"""A name that is there twice in one object: the last one holds, and each must be of its form.

Not among the vectors, since the independent calculation of the tests knows only the last of equal names.
"""

import pytest

from emc.contract import judge
from emc.registry import load_registry
from emc.verdicts import Accepted, Reason, Rejected
from tests.contract.building import ARRIVED_US, dossier, raw

REGISTRY = load_registry()
GOOD, WRONG = dossier({"status": 1}), dossier({"status": 11})


def judged(event: bytes) -> Accepted | Rejected:
    return judge(event, b"H25", ARRIVED_US, REGISTRY)


def with_data(text: bytes) -> bytes:
    return raw(dossier()).replace(b'"data": {}', b'"data": ' + text)


def behind(event: dict[str, object], text: bytes) -> bytes:
    return raw(event)[:-1] + b"," + text + b"}"


@pytest.mark.parametrize(
    ("event", "path"),
    [
        (with_data(b'{"status": 11, "status": 1}'), "$.data.status"),
        (with_data(b'{"status": 1, "status": 11}'), "$.data.status"),
        (with_data(b'{"status": 2, "status": "x", "status": 1}'), "$.data.status"),
        (
            with_data(b'{"components": [{"code": "a", "reused": 1, "reused": true}]}'),
            "$.data.components[0].reused",
        ),
        (with_data(b'{"components": [{"code": null, "code": "a"}]}'), "$.data.components[0].code"),
        (behind(WRONG, b'"data": {"status": 2}'), "$.data.status"),
        (behind(GOOD | {"time": 1}, b'"time": "2024-03-05T08:00:00Z"'), "$.time"),
        (behind(GOOD | {"id": None}, b'"id": "a"'), "$.id"),
        (behind(GOOD, b'"type": "vn.emc.heartbeat.v1"'), "$.type"),
    ],
)
def test_the_one_of_a_wrong_form_is_named(event: bytes, path: str) -> None:
    found = judged(event)
    assert isinstance(found, Rejected)
    assert (found.reason, found.path) == (Reason.INVALID, path)


def test_an_unsupported_one_comes_first() -> None:
    found = judged(behind(GOOD | {"specversion": "0.3"}, b'"specversion": "1.0"'))
    assert isinstance(found, Rejected)
    assert (found.reason, found.path) == (Reason.UNSUPPORTED, "$.specversion")


def test_the_last_of_two_right_ones_holds() -> None:
    found = judged(with_data(b'{"status": 2, "status": 1}'))
    assert isinstance(found, Accepted)
    assert found.fields == {"status": 1}
