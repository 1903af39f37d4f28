"""An error of ours in judging one event refuses that event; the others count."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from emc import contract
from emc.registry import load_registry
from sinks.clickhouse.schema import REJECTIONS
from streams.batch.gathering import Gathered, Gatherer
from streams.reading.lease import Lease
from streams.reading.records import Record
from streams.reading.slices import Slice
from streams.reading.topic import TopicFacts
from tests.contract.building import ARRIVED_US, dossier

LEASE = Lease(TopicFacts("t", 12), {8: 0}, {8: 0})
POISON = "H25-240305-6666"


def gathered(*events: object) -> Gathered:
    """One message for each; H25's partition of twelve is 8."""
    found = [
        Record(8, n, ARRIVED_US // 1000, b"H25", json.dumps(event).encode(), (), 1)
        for n, event in enumerate(events)
    ]
    return Gatherer("emc.events", load_registry()).gather([Slice(LEASE, 8, found, 0, len(found), 1)])


def failing(step: Callable[..., Any], times: int) -> Callable[..., Any]:
    """Fails so many times at what holds the poison."""
    left = [times]

    def limping(value: Any, *more: Any) -> Any:
        if POISON.encode() in bytes(value) and left[0]:
            left[0] -= 1
            raise RuntimeError("injected")
        return step(value, *more)

    return limping


@pytest.mark.parametrize("name", ["judge", "split_message"])
def test_what_judging_fails_at_twice_is_refused_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, name, failing(getattr(contract, name), 10))
    found = gathered(dossier(), [dossier(), dossier(subject=POISON)], dossier(subject="H25-240305-0008"))
    whole = name == "split_message"
    assert found.accepted == (2 if whole else 3)
    ((agency, reason, path, *_),) = found.rejections
    assert (agency, reason, path) == ("H25", "malformed", "$")
    assert found.rejections[0][REJECTIONS.stored.index("index")] == (-1 if whole else 1)
    assert POISON.encode() in (found.outgoing[0].value or b"")
    assert found.next_offsets == {8: 3}


@pytest.mark.parametrize("name", ["judge", "split_message"])
def test_what_fails_once_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, name, failing(getattr(contract, name), 1))
    found = gathered(dossier(), dossier(subject=POISON))
    assert (found.accepted, found.rejections) == (2, [])


def test_the_log_quotes_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(contract, "judge", failing(contract.judge, 10))
    gathered(dossier(subject=POISON))
    assert caplog.records
    assert all(POISON not in str(record.__dict__) for record in caplog.records)
