"""Rates as they were shown at a past moment: agencies, groups, structures, periods and freshness."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from emc.errors import InputError
from emc.instants import day_number, parse_instant
from emc.registry import load_registry
from sinks.queries.reader import RateQuery, Reader
from tests.engine import embedded_database
from tests.sinks.history import insert_rows


def moment(clock: str, day: str = "2024-04-02") -> int:
    return parse_instant(f"{day}T{clock}+07:00")


def row(agency: str, clock: str, numerator: int, denominator: int, **other: Any) -> dict[str, Any]:
    found = {
        "agency": agency,
        "metric": "data_reuse",
        "definition": "received",
        "period": "month",
        "start": date(2024, 4, 1),
        "shown_at": moment(clock) // 1000,
        "numerator": numerator,
        "denominator": denominator,
        "counted": 0,
        "declared": 0,
        "is_deleted": 0,
        "version": moment(clock),
        **other,
    }
    return found | {"start": day_number(found["start"])}


ROWS = [
    row("H25", "08:00:00", 1, 10, counted=5, declared=10),
    row("H25", "09:00:00", 2, 10, counted=5, declared=8),
    row("H25", "09:00:00", 3, 10, counted=5, declared=8, version=moment("09:00:30")),
    row("H42", "08:30:00", 4, 10),
    row("H42", "10:00:00", 0, 0, is_deleted=1),
    row("H42", "08:30:00", 9, 9, start=date(2024, 3, 1)),
]
FRESH = [("H25", "08:00:00", "07:59:00"), ("H25", "09:00:00", "08:59:00"), ("H42", "08:30:00", "07:00:00")]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with embedded_database() as database:
        insert_rows(database, "rate_history", ROWS)
        rows = [
            {"agency": agency, "shown_at": moment(at) // 1000, "as_of": moment(time), "version": moment(at)}
            for agency, at, time in FRESH
        ]
        insert_rows(database, "freshness", rows)
        yield Reader(database, load_registry())


def asked(reader: Reader, clock: str, **query: str) -> dict[str, tuple[Any, ...]]:
    """Numerator, denominator, coverage and time of the last event, by agency or group."""
    found = reader.rates(RateQuery(as_of=f"2024-04-02T{clock}+07:00", **query))
    return {
        each.get("agency") or each["group"]: (
            each["numerator"],
            each["denominator"],
            each["coverage"],
            each["as_of"] and each["as_of"][11:16],
        )
        for each in found
    }


def test_before_anything_was_shown_there_is_nothing(reader: Reader) -> None:
    assert asked(reader, "07:59:59") == {}


def test_an_agency_stands_as_it_stood(reader: Reader) -> None:
    assert asked(reader, "08:00:00", agency="H25") == {"H25": (1, 10, 0.5, "07:59")}
    assert asked(reader, "08:59:59", agency="H25") == {"H25": (1, 10, 0.5, "07:59")}
    assert asked(reader, "09:00:00", agency="H25") == {"H25": (3, 10, 0.625, "08:59")}


def test_groups_add_up_what_stood_then(reader: Reader) -> None:
    assert asked(reader, "08:45:00", group="localities") == {"localities": (5, 20, 0.5, "07:59")}
    assert asked(reader, "10:00:00", group="national") == {"national": (3, 10, 0.625, "08:59")}


def test_closed_agencies_count_for_their_successors(reader: Reader) -> None:
    found = asked(reader, "08:45:00", structure="current")
    assert found["H42"] == (5, 20, 0.5, "07:59")
    assert "H25" not in found


def test_a_rate_that_has_gone_is_gone_from_then_on(reader: Reader) -> None:
    assert "H42" in asked(reader, "09:59:00")
    assert "H42" not in asked(reader, "10:00:00")


def test_the_period_is_the_one_of_that_moment_unless_said(reader: Reader) -> None:
    assert asked(reader, "12:00:00", start="2024-03-01", agency="H42") == {"H42": (9, 9, None, "07:00")}


@pytest.mark.parametrize("text", ["yesterday", "2024-04-02", "2099-01-01T00:00:00Z"])
def test_only_a_past_moment_can_be_asked_for(reader: Reader, text: str) -> None:
    with pytest.raises(InputError, match="as_of is"):
        reader.rates(RateQuery(as_of=text))


def test_a_plus_sign_that_became_a_blank_is_understood(reader: Reader) -> None:
    assert reader.rates(RateQuery(as_of="2024-04-02T09:30:00 07:00", agency="H25"))[0]["numerator"] == 3
