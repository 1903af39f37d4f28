"""Messages that are due later: in their order, and not in memory."""

import tracemalloc
from random import Random

import pytest

from emc.registry import load_registry
from emc.verdicts import Reason
from producers.simulator import Message, play
from producers.simulator import scenario as scenarios
from producers.simulator.due import Due
from producers.simulator.plan import make_plan

MESSAGES = [
    Message(1, b"H25", b"{}"),
    Message(2, None, None, (), False, Reason.MALFORMED),
    Message(3, b"", b"\x00\xff", (("a", b""), ("content-type", b"text")), False),
    Message(4, b"H25", "ồ".encode(), refused=Reason.INVALID),
]


@pytest.mark.parametrize("held", [0, 1, 3, 1000])
def test_messages_come_back_by_day_in_the_order_in_which_they_went_in(held: int) -> None:
    due, rng = Due(held), Random(1)
    expected: dict[int, list[Message]] = {}
    for place in range(400):
        day, message = rng.randrange(-3, 4), MESSAGES[place % 4]
        due.add(day, message)
        expected.setdefault(day, []).append(message)
        if place % 100 == 99:
            assert due.take(day) == expected.pop(day)
            assert due.take(day) == []
    assert {day: due.take(day) for day in sorted(expected)} == dict(sorted(expected.items()))


def test_what_waits_takes_no_memory() -> None:
    def held_by(held: int) -> int:
        tracemalloc.start()
        due = Due(held)
        for place in range(20_000):
            due.add(place % 30, Message(place, b"H25", b"%0300d" % place))
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size

    assert held_by(500) < held_by(1_000_000) / 20


def test_a_month_is_the_same_wherever_its_messages_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(load_registry(), seed=5, scale=0.05)
    usual = list(play(plan))
    monkeypatch.setattr(scenarios, "Due", lambda: Due(50))
    assert list(play(plan)) == usual
