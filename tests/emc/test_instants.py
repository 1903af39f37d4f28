"""Instants, days and periods."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emc import instants, periods
from emc.instants import (
    EARLIEST,
    HANOI,
    LATEST,
    date_of_day,
    day_number,
    day_of,
    format_instant,
    parse_asked,
    parse_instant,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_any_instant_in_any_offset_is_read_exactly(moment: datetime, offset: int) -> None:
    text = moment.astimezone(timezone(timedelta(minutes=offset))).isoformat()
    expected = (moment - EPOCH) // timedelta(microseconds=1)
    assert parse_instant(text) == expected
    assert parse_instant(text) == expected  # the second time from what is remembered
    assert parse_instant(format_instant(expected)) == expected
    assert parse_instant(format_instant(expected, HANOI)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05T08:00:00",
        "2024-03-05 08:00:00Z",
        "2024-03-05T08:00:60Z",
        "2024-03-05T24:00:00Z",
        "2024-02-30T08:00:00Z",
        "2024-03-05T08:00:0٣Z",
        "2024-03-05T08:00:00+0700",
        "1999-12-31T23:59:59.999999Z",
        "2100-01-01T00:00:00.000001Z",
        "2100-01-01T00:00:01Z",
    ],
)
def test_another_form_is_refused_also_beside_a_minute_already_seen(text: str) -> None:
    parse_instant("2024-03-05T08:00:01Z")
    parse_instant("2100-01-01T00:00:00Z")
    with pytest.raises(ValueError):  # noqa: PT011 – every form of it is meant
        parse_instant(text)


def test_no_fraction_of_any_length_is_remembered_whole() -> None:
    text = f"2024-03-05T08:00:07.{'1' * 300_000}Z"
    assert parse_instant(text) == parse_instant("2024-03-05T08:00:07.111111Z")
    assert parse_instant(text) == parse_instant("2024-03-05T15:00:07.111111+07:00")
    assert max(map(len, instants._tails)) <= len(".123+07:00")


def test_digits_past_microseconds_are_cut() -> None:
    assert format_instant(parse_instant("2024-03-05T08:00:00.1234569Z")) == "2024-03-05T08:00:00.123456Z"


@given(moments)
def test_the_day_is_that_of_hanoi(moment: datetime) -> None:
    instant = (moment - EPOCH) // timedelta(microseconds=1)
    assert date_of_day(day_of(instant)) == moment.astimezone(HANOI).date()


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(periods.PERIODS))
def test_a_period_contains_its_days(day: date, period: str) -> None:
    start = periods.start_of(period, day)
    last = periods.last_day(period, start)
    assert start <= day <= last
    assert periods.start_of(period, last) == start
    assert periods.start_of(period, last + timedelta(days=1)) == last + timedelta(days=1)
    assert date_of_day(day_number(day)) == day


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("9999-12-31T23:59:59Z", LATEST),
        ("0001-01-01T00:00:00+07:00", EARLIEST),
        ("2000-01-01T00:00:00+07:00", EARLIEST),
        ("2024-03-05T08:30:00+07:00", parse_instant("2024-03-05T01:30:00Z")),
    ],
)
def test_what_is_only_compared_with_may_lie_anywhere(text: str, nearest: int) -> None:
    assert parse_asked(text) == nearest


def test_what_is_only_compared_with_has_the_same_form() -> None:
    for text in ("9999-12-31", "9999-12-31T23:59:59", "9999-13-31T23:59:59Z", "9999-12-31 23:59:59Z"):
        with pytest.raises(ValueError, match=r"RFC 3339|month"):
            parse_asked(text)
