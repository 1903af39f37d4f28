"""The split of a change: exact for any history, and what a hand reckons for small ones."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sinks.queries.why import split

counts = st.integers(0, 10**6).flatmap(lambda below: st.tuples(st.integers(0, below), st.just(below)))
stretches = st.dictionaries(st.text("ab", max_size=3), counts, max_size=6)


@given(stretches, stretches)
def test_contributions_add_up_to_the_change_exactly(
    before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]
) -> None:
    found = split(before, after)
    below, below_after = (sum(each[1] for each in stretch.values()) for stretch in (before, after))
    if not (below and below_after):
        assert found is None
        return
    assert found is not None
    above, above_after = (sum(each[0] for each in stretch.values()) for stretch in (before, after))
    assert found.change == Fraction(above_after, below_after) - Fraction(above, below)
    assert sum(each.change for each in found.contributions) == found.change
    assert {each.part for each in found.contributions} == before.keys() | after.keys()


@given(stretches)
def test_what_did_not_change_contributes_nothing(stretch: dict[str, tuple[int, int]]) -> None:
    found = split(stretch, stretch)
    assert found is None or {each.change for each in found.contributions} <= {Fraction(0)}


@given(stretches, st.integers(2, 9))
def test_more_of_the_same_is_no_change(stretch: dict[str, tuple[int, int]], times: int) -> None:
    more = {name: (above * times, below * times) for name, (above, below) in stretch.items()}
    found = split(stretch, more)
    assert found is None or {each.change for each in found.contributions} <= {Fraction(0)}


def test_a_rate_that_falls_in_one_procedure_is_a_rate_effect() -> None:
    found = split({"a": (8, 10), "b": (1, 10)}, {"a": (4, 10), "b": (1, 10)})
    assert found is not None
    first, second = found.contributions
    assert (first.part, first.rate_effect, first.mix_effect) == ("a", Fraction(-1, 5), Fraction(0))
    assert (second.rate_effect, second.mix_effect) == (Fraction(0), Fraction(0))


def test_more_of_a_procedure_with_a_low_rate_is_a_mix_effect() -> None:
    found = split({"a": (10, 10), "b": (0, 10)}, {"a": (10, 10), "b": (0, 30)})
    assert found is not None
    assert found.change == Fraction(-1, 4)
    assert {each.rate_effect for each in found.contributions} == {Fraction(0)}
    assert all(each.mix_effect < 0 for each in found.contributions)


def test_a_new_procedure_and_one_that_ended_are_mix() -> None:
    found = split({"old": (1, 1)}, {"new": (0, 1)})
    assert found is not None
    assert found.change == -1
    assert {each.part: each.mix_effect for each in found.contributions} == {
        "old": Fraction(-1, 2),
        "new": Fraction(-1, 2),
    }
