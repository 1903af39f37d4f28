"""What decides in the benchmarks whether a peer counted the same."""

import itertools
from typing import Any

from benchmarks.peers.plain import Clock, Registers, counted, events_of, folded


def event(id_: str, time: str, **data: Any) -> dict[str, Any]:
    return {"id": id_, "time": f"2024-03-05T{time}+07:00", "data": data}


EVENTS = (
    event("1", "08:00:00", received_at="2024-03-05T08:00:00+07:00", channel="direct"),
    event("2", "09:00:00", channel="online"),
    event("3", "10:00:00", removed=True),
    event("4", "11:00:00", removed=False),
)


def test_the_plain_fold_does_not_hang_on_the_order_of_events() -> None:
    for order in itertools.permutations(EVENTS):
        registers: Registers = {}
        for each in order:
            folded(registers, each)
        assert counted(registers) == (1, 1)


def test_what_is_removed_or_not_received_does_not_count() -> None:
    assert counted(folded({}, EVENTS[1])) == (0, 0)
    assert counted(folded(folded({}, EVENTS[0]), EVENTS[2])) == (0, 0)
    assert counted(folded({}, EVENTS[0])) == (1, 0)


def test_an_event_and_a_pack_are_told_apart() -> None:
    assert events_of(b'{"id":"1"}') == [{"id": "1"}]
    assert events_of(b'[{"id":"1"},{"id":"2"}]') == [{"id": "1"}, {"id": "2"}]


def test_the_clock_counts_events_and_ends_with_the_last() -> None:
    clock = Clock()
    clock.begin()
    clock.done(2)
    clock.done(1)
    found = clock.found(5, 3)
    assert (found.events, found.received, found.online) == (3, 5, 3)
    assert found.seconds >= 0
