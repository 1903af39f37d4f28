"""Back-pressure, without a broker."""

import threading

from producers.errors import DeliveryError
from producers.failures import Failures
from producers.in_flight_limit import InFlightLimit


def test_a_full_gate_lets_nobody_in_until_somebody_leaves() -> None:
    limit = InFlightLimit(messages=2, size=100)
    assert limit.enter(10, timeout=0)
    assert limit.enter(10, timeout=0)
    assert not limit.enter(10, timeout=0)
    limit.leave(10)
    assert limit.enter(90, timeout=0)
    assert limit.in_flight == (2, 100)
    limit.leave(10)
    assert not limit.enter(11, timeout=0)
    assert limit.peak == (2, 100)


def test_a_message_larger_than_the_bound_passes_alone() -> None:
    limit = InFlightLimit(messages=5, size=100)
    assert limit.enter(500, timeout=0)
    assert not limit.enter(1, timeout=0)
    limit.leave(500)
    assert limit.enter(1, timeout=0)
    assert not limit.enter(500, timeout=0)


def test_who_waits_goes_on_when_there_is_room() -> None:
    limit = InFlightLimit(messages=1, size=100)
    limit.enter(1, timeout=0)
    passed = []
    waiting = threading.Thread(target=lambda: passed.append(limit.enter(2, timeout=60)))
    waiting.start()
    limit.leave(1)
    waiting.join()
    assert passed == [True]
    assert limit.in_flight == (1, 2)


def test_who_waits_is_turned_away_when_the_gate_is_shut() -> None:
    limit = InFlightLimit(messages=1, size=100)
    limit.enter(1, timeout=0)
    passed = []
    waiting = threading.Thread(target=lambda: passed.append(limit.enter(1, timeout=60)))
    waiting.start()
    limit.shut()
    waiting.join()
    assert passed == [False]
    assert not limit.enter(1, timeout=60)


def test_waiting_for_the_last_message() -> None:
    limit = InFlightLimit(messages=1, size=100)
    assert limit.wait_empty(0)
    limit.enter(1, timeout=0)
    assert not limit.wait_empty(0)
    threading.Thread(target=limit.leave, args=(1,)).start()
    assert limit.wait_empty(60)


def test_failures_are_told_once_with_their_number_and_agencies() -> None:
    failures = Failures()
    failures.check()
    for number in range(7):
        failures.add(f"H0{number}", 10, f"cause {number}")
    error = failures.take()
    assert isinstance(error, DeliveryError)
    assert error.events == 70
    assert len(error.agencies) == 7
    assert str(error) == ("70 event(s) of H00, H01, H02, H03, H04 and 2 more were not delivered: cause 0")
    assert failures.take() is None
