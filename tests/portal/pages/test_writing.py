"""Numbers and days as each language writes them."""

from datetime import date

from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from emc.translation import Language
from portal.pages.drawing import Point, bar, trend
from portal.pages.measures import REUSE, Rates
from portal.pages.writing import Writing

VI, EN = Writing(Language.VI), Writing(Language.EN)


def test_numbers() -> None:
    assert (VI.count(11_000), EN.count(11_000)) == ("11.000", "11,000")
    assert (VI.percent(0.501), EN.percent(0.501)) == ("50,1\xa0%", "50.1\xa0%")
    assert (VI.points(-0.029), EN.points(0.029)) == ("2,9", "2.9")


@given(st.floats(0, 12), st.integers(0, 10**12))
def test_numbers_are_written_as_the_tables_of_locales_have_them(share: float, number: int) -> None:
    for writing in (VI, EN):
        tenths = format_decimal(share * 100, format="#,##0.0", locale=writing.language)
        assert writing.percent(share, sign=False) == writing.points(share) == tenths
        assert writing.count(number) == format_decimal(number, format="#,##0", locale=writing.language)


def test_no_data_is_words_and_not_0() -> None:
    assert (VI.percent(None), EN.percent(None)) == ("chưa có dữ liệu", "no data")
    assert VI.percent(0.0) == "0,0\xa0%"


def test_days_periods_and_moments() -> None:
    assert (VI.day(date(2024, 4, 6)), EN.day(date(2024, 4, 6))) == ("6/4/2024", "6 April 2024")
    assert VI.day("2024-04-06") == "6/4/2024"
    assert (VI.period("month", date(2024, 3, 1)), EN.period("month", date(2024, 3, 1))) == (
        "tháng 3/2024", "March 2024",
    )  # fmt: skip
    assert VI.period("quarter", date(2024, 4, 1)) == "quý 2/2024"
    assert VI.moment("2024-04-06T02:13:00Z") == "09:13 6/4/2024"
    assert VI.moment(None) == "chưa bao giờ"


def test_a_bar_shows_its_share_and_its_mark() -> None:
    assert 'width="87.3%"' in bar(0.873)
    assert 'width="100.0%"' in bar(1.2)
    assert 'class="tick" x="50.0%"' in bar(None, 0.5)


def test_a_trend_needs_two_days_and_leaves_gaps() -> None:
    assert trend([Point("1", 0.5)]) == ""
    assert trend([Point("1", 0.5), Point("2", None), Point("3", 0.6)]).partition(' d="')[2].count("M") == 2


def test_a_share_is_compared_with_one_of_enough_only() -> None:
    def rates(numerator: int, denominator: int) -> Rates:
        rate = numerator / denominator
        told = {"metric": REUSE.metric, "definition": REUSE.definition, "agency": "H26"}
        return Rates([told | {"numerator": numerator, "denominator": denominator, "rate": rate}])

    now = rates(120, 300)
    assert rates(15, 30).share_before(REUSE, "H26", now) == 0.5
    assert rates(15, 29).share_before(REUSE, "H26", now) is None, "less than a tenth"
    assert rates(10, 19).share_before(REUSE, "H26", rates(10, 20)) is None, "less than twenty"
    assert rates(10, 20).share_before(REUSE, "H25", now) is None
