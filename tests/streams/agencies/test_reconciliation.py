"""Each agency is compared three times after it was taken over, the one that waits longest first."""

from streams.agencies.reconciliation import ReconciliationSchedule


class Clock:
    """Goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def due_at(schedule: ReconciliationSchedule, clock: Clock, until: int) -> list[tuple[int, str]]:
    """What is compared in which second."""
    found = []
    for second in range(int(clock.now), until):
        clock.now = second
        while (code := schedule.next()) is not None:
            found.append((second, code))
    return found


def test_an_agency_is_compared_after_8_38_and_158_seconds_and_then_left_to_the_audit() -> None:
    schedule = ReconciliationSchedule(clock := Clock())
    schedule.hold(["H25"], ["H25"])
    assert due_at(schedule, clock, 1000) == [(8, "H25"), (38, "H25"), (158, "H25")]


def test_only_what_was_anothers_is_compared() -> None:
    schedule = ReconciliationSchedule(clock := Clock())
    schedule.hold(["H25", "H26"], ["H26"])
    assert due_at(schedule, clock, 20) == [(8, "H26")]


def test_what_is_held_on_keeps_its_turn_and_what_is_given_away_loses_it() -> None:
    schedule = ReconciliationSchedule(clock := Clock())
    schedule.hold(["H25", "H26"], ["H25", "H26"])
    clock.now = 5
    schedule.hold(["H25", "H27"], ["H27"])
    assert due_at(schedule, clock, 30) == [(8, "H25"), (13, "H27")]


def test_what_was_taken_away_and_given_again_begins_anew() -> None:
    schedule = ReconciliationSchedule(clock := Clock())
    schedule.hold(["H25"], ["H25"])
    clock.now = 5
    schedule.hold([], [])
    schedule.hold(["H25"], ["H25"])
    assert due_at(schedule, clock, 30) == [(13, "H25")]


def test_who_waits_longest_is_first() -> None:
    schedule = ReconciliationSchedule(clock := Clock())
    schedule.hold(["H25"], ["H25"])
    clock.now = 3
    schedule.hold(["H25", "H26"], ["H26"])
    clock.now = 100
    assert [schedule.next() for _ in range(4)] == ["H25", "H26", None, None]
