"""Events judged before they are sent: every fault, and the same verdict as the stream's."""

import json
from typing import Any

import pytest

from emc.contract import judge
from emc.instants import now_us
from emc.registry import load_registry
from emc.verdicts import Malformed, Rejected
from producers.examining import events_of, examine

REGISTRY, NOW = load_registry(), now_us()


def event(**changed: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "vn.emc.dossier.v1",
        "id": "1",
        "source": "/agencies/H25/one-stop",
        "subject": "H25.16-240305-0007",
        "time": "2024-03-05T08:31:07+07:00",
        "data": {"channel": "online"},
    } | changed


def reasons(found: dict[str, Any] | bytes, key: bytes | None = None) -> dict[str, str]:
    value = found if isinstance(found, bytes) else json.dumps(found).encode()
    return {fault.path: fault.reason.value for fault in examine(value, key, NOW, REGISTRY).faults}


def test_a_good_event_has_no_fault() -> None:
    assert reasons(event()) == {}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (
            event(data={"channel": "pigeon", "status": 99}),
            {"$.data.channel": "invalid", "$.data.status": "invalid"},
        ),
        (
            event(time="2024-03-05 08:31:07", id="", data={"chanel": "online"}),
            {"$.id": "invalid", "$.time": "invalid", "$.data.chanel": "unknown_field"},
        ),
        (
            event(source="/agencies/H26", time="2099-03-05T08:31:07+07:00", data={"status": "2"}),
            {"$.data.status": "invalid", "$.source": "agency_mismatch", "$.time": "future"},
        ),
        (event(source="/agencies/X99"), {"$.source": "unknown_agency"}),
        ({}, dict.fromkeys(
            ("$.specversion", "$.id", "$.source", "$.type", "$.subject", "$.time", "$.data"), "invalid"
        )),
        (event(type="other"), {"$.type": "unsupported"}),
        (event(data=[1]), {"$.data": "invalid"}),
        (b"[1]", {"$": "malformed"}),
        (b"{", {"$": "malformed"}),
    ],
)  # fmt: skip
def test_every_fault_is_told(wrong: dict[str, Any] | bytes, expected: dict[str, str]) -> None:
    assert reasons(wrong) == expected


def test_the_first_fault_is_what_the_stream_gives() -> None:
    for wrong in (event(data={"status": 99, "no": 1}), event(source="x", id=3), event(subject="H25"), {}):
        value = json.dumps(wrong).encode()
        verdict = judge(value, b"H25", NOW, REGISTRY)
        assert isinstance(verdict, Rejected)
        first = examine(value, b"H25", NOW, REGISTRY).faults[0]
        assert first == (verdict.reason, verdict.path, verdict.detail)


def test_a_key_of_another_agency_is_told() -> None:
    assert reasons(event(), b"H26") == {"$.subject": "agency_mismatch"}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (json.dumps(event(), indent=1), ["event 0"]),
        (json.dumps([event(), event()]), ["event 0", "event 1"]),
        (
            f"{json.dumps(event())}\n\n{json.dumps([event(), event()])}\n",
            ["line 1", "line 3", "line 3, event 1"],
        ),
    ],
)
def test_forms_of_a_file(text: str, places: list[str]) -> None:
    assert [place for place, _ in events_of(text.encode())] == places


def test_an_empty_file_holds_none() -> None:
    with pytest.raises(Malformed, match="one of these a line"):
        list(events_of(b" \n"))
