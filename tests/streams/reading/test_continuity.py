"""What Faust lost is noticed, once; what is not in the log is no loss."""

from streams.reading.continuity import Continuity, Standstill
from tests.streams.reading.given import lease, slice_of

LEASE = lease()


def test_slices_follow_each_other_by_partition() -> None:
    continuity = Continuity()
    continuity.begin({0: 5, 1: 0})
    assert continuity.follows(slice_of(LEASE, 5, 2))
    assert continuity.follows(slice_of(LEASE, 0, 1, partition=1))
    assert continuity.follows(slice_of(LEASE, 7))
    assert not continuity.follows(slice_of(LEASE, 9))
    assert not continuity.follows(slice_of(LEASE, 10))


def test_what_was_read_before_may_come_again() -> None:
    continuity = Continuity()
    continuity.begin({0: 5})
    assert continuity.follows(slice_of(LEASE, 3))
    assert continuity.follows(slice_of(LEASE, 5))


def test_a_partition_that_is_not_of_the_lease_begins_where_it_begins() -> None:
    continuity = Continuity()
    continuity.begin({})
    assert continuity.follows(slice_of(LEASE, 70))
    assert not continuity.follows(slice_of(LEASE, 72))


def test_reading_goes_on_behind_a_slice_not_behind_its_last_record() -> None:
    continuity = Continuity()
    continuity.begin({0: 0})
    assert continuity.follows(slice_of(LEASE, 0)._replace(next_offset=3))
    assert continuity.follows(slice_of(LEASE, 3))


def test_a_gap_that_is_there_again_is_passed_over() -> None:
    now = 0.0
    continuity = Continuity(lambda: now)
    continuity.begin({0: 0})
    assert not continuity.follows(slice_of(LEASE, 4))
    now = 2.0
    assert continuity.has_gap()
    continuity.begin({0: 0})
    assert continuity.follows(slice_of(LEASE, 4))
    assert not continuity.has_gap()
    assert not continuity.follows(slice_of(LEASE, 9))


def test_more_fetched_than_came_is_behind() -> None:
    continuity = Continuity()
    continuity.begin({0: 0, 1: 5})
    assert continuity.behind({0: 0, 1: 6, 2: 9}) == {1: 5}


def test_a_partition_that_stands_for_two_looks_is_noticed_once_for_each_offset() -> None:
    standstill = Standstill()
    assert not standstill.looks({0: 5})
    assert standstill.looks({0: 5})
    assert not standstill.looks({0: 5})
    assert not standstill.looks({})
    assert not standstill.looks({0: 6})
    assert standstill.looks({0: 6})


def test_a_partition_stands_when_it_stood_at_as_many_looks_as_needed_without_one_between() -> None:
    standstill = Standstill(3)
    behind: tuple[dict[int, int], ...]
    behind = ({0: 5, 1: 1}, {0: 5, 1: 2}, {0: 6}, {0: 6}, {}, {0: 6}, {0: 6}, {0: 6}, {0: 6})
    assert [standstill.looks(each) for each in behind] == [False] * 7 + [True, False]


def test_a_partition_that_moves_does_not_stand() -> None:
    standstill = Standstill()
    assert not any(standstill.looks(behind) for behind in ({0: 5}, {}, {0: 5}, {0: 7}))
