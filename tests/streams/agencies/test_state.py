"""An agency's version grows, by one function."""

import pytest

from streams.agencies.state import AgencyState


def test_a_version_grows() -> None:
    state = AgencyState("H25", 7)
    state.advance(8)
    assert state.version == 8


@pytest.mark.parametrize("version", [7, 6, 0, -1])
def test_a_version_never_stays_or_falls(version: int) -> None:
    state = AgencyState("H25", 7)
    with pytest.raises(ValueError, match="H25: a version would not grow"):
        state.advance(version)
    assert state.version == 7


def test_nothing_else_can_set_it() -> None:
    with pytest.raises(AttributeError):
        setattr(AgencyState("H25"), "version", 7)  # noqa: B010 – what mypy would refuse


def test_a_source_is_heard_of_at_its_newest() -> None:
    state = AgencyState("H25")
    assert state.hear("/agencies/H25", 5, 10) == (5, 10)
    assert state.hear("/agencies/H25", 3, 20) == (5, 20)
    assert state.sources == {"/agencies/H25": (5, 20)}
