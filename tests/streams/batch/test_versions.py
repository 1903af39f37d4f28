"""Versions follow the log, and never fall."""

from hypothesis import given
from hypothesis import strategies as st

from streams.batch.versions import at, following

MOMENTS = st.integers(0, 4_102_444_800_000)
OFFSETS = st.integers(0, 2**63 - 1)
PLACES = st.tuples(MOMENTS, OFFSETS)


@given(PLACES, PLACES)
def test_versions_are_in_the_order_of_the_log(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (at(*one) < at(*other)) == (one < other)


@given(st.lists(PLACES, min_size=1))
def test_every_write_has_a_greater_version_than_the_one_before(places: list[tuple[int, int]]) -> None:
    last = 0
    for place in places:
        version = following(last, *place)
        assert version > last
        last = version


@given(PLACES, st.integers(1, 1000), OFFSETS)
def test_writes_without_a_message_come_before_the_next_message(
    place: tuple[int, int], writes: int, offset: int
) -> None:
    appended, before = place
    last = at(appended, before)
    for _ in range(writes):
        last = following(last)
    assert last < at(appended + 1, offset)


@given(PLACES, st.integers(1, 10**9), OFFSETS)
def test_where_the_brokers_clock_steps_back_the_milliseconds_stay(
    place: tuple[int, int], back: int, offset: int
) -> None:
    appended, before = place
    version = following(at(appended, before), max(0, appended - back), offset)
    assert version == max(at(appended, offset), at(appended, before) + 1)


@given(PLACES)
def test_a_version_fits_the_column(place: tuple[int, int]) -> None:
    assert 0 <= at(*place) < 1 << 128
