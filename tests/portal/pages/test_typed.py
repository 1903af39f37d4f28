"""Days and moments that a person types."""

import pytest

from emc.errors import InputError
from emc.instants import parse_instant
from emc.translation import Language
from portal.pages.typed import day_of, moment_of, shown_day, shown_moment


@pytest.mark.parametrize("text", ["1/3/2024", "01/03/2024", "1-3-2024", "1.3.2024", "01032024", "2024-03-01"])
def test_a_day_is_read_as_vietnamese_write_it_or_as_iso(text: str) -> None:
    assert day_of(text) == "2024-03-01"


@pytest.mark.parametrize("text", ["", "yesterday", "1/3/24", "2024/03/01"])
def test_what_is_no_day_stays_to_be_refused(text: str) -> None:
    assert day_of(text) == text


def test_a_day_is_shown_in_its_field_as_it_is_typed() -> None:
    assert shown_day("2024-03-01", Language.VI) == "01/03/2024"
    assert shown_day("2024-03-01", Language.EN) == "2024-03-01"
    assert shown_day("soon", Language.VI) == "soon"


@pytest.mark.parametrize("text", ["1/3/2024 17:05", "2024-03-01T17:05", "2024-03-01 17:05"])
def test_a_moment_is_read_and_shown_again(text: str) -> None:
    moment = moment_of(text)
    assert moment == parse_instant("2024-03-01T17:05:00+07:00")
    assert moment_of(shown_moment(moment, Language.VI)) == moment
    assert (moment_of(" "), shown_moment(None, Language.VI)) == (None, "")


@pytest.mark.parametrize("text", ["soon", "31/2/2024", "1/3/2024 25:00", "1/3/2024 5pm"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a day and hh:mm"):
        moment_of(text)
