"""A lease never changes but once: it ends for ever."""

from tests.streams.reading.given import lease


def test_a_lease_is_what_was_given_until_it_is_revoked() -> None:
    held = lease({3: 7, 5: 0})
    assert held.partitions == {3, 5}
    states = [held.is_revoked]
    for _ in range(2):
        held.revoke()
        states.append(held.is_revoked)
    assert states == [False, True, True]
    assert held.partitions == {3, 5}


def test_what_it_was_given_can_change_without_it() -> None:
    starts = {3: 7}
    held = lease(starts)
    starts[4] = 0
    assert held.starts == {3: 7}
