"""Rates, dossiers and explanations by who settles: over rows written by hand, and with rights or without."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from emc.errors import InputError
from emc.instants import day_number, parse_date, parse_instant
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader
from sinks.queries.visible import NotVisible, Visible
from tests.engine import embedded_database
from tests.sinks.history import Said, insert_rows, write_history

MARCH_5 = parse_instant("2024-03-05T08:00:00+07:00")
EARLY, LATE = parse_instant("2024-03-10T00:00:00+07:00"), parse_instant("2024-03-11T00:00:00+07:00")
START = day_number(parse_date("2024-03-01"))
OWN, GIVEN, OTHER = "H25-240305-0001", "H25-20240305-0000002", "H26-240305-0001"


def dossier(code: str, time: int, **fields: Any) -> Said:
    return Said("dossier", code, time, code[-4:], {"received_at": MARCH_5, **fields})


def settled(metric: str, definition: str, numerator: int, denominator: int) -> list[dict[str, Any]]:
    return [
        {
            "agency": "H25",
            "settler": "G12",
            "metric": metric,
            "definition": definition,
            "period": period,
            "start": start,
            "numerator": numerator,
            "denominator": denominator,
            "version": 9,
            "is_deleted": 0,
        }
        for period, start in (("month", START), ("day", START + 4))
    ]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """H25 with a dossier of its own and one that G12 settles, H26 with one; G12 has none of its own."""
    given = {
        "channel": "online",
        "settled_by": "G12.7",
        "procedure": "1.000001",
        "status": 5,
        "due_at": MARCH_5 + 1,
        "resolved_at": MARCH_5,
    }
    entry = Said("procedure", "1.000001", EARLY, "p", {"service_level": "full"}, "1970-01-01")
    with embedded_database() as database:
        write_history(database, "H25", [dossier(OWN, EARLY), dossier(GIVEN, LATE, **given), entry])
        write_history(database, "H26", [dossier(OTHER, EARLY)])
        insert_rows(database, "settled", settled("online_submission", "channel", 1, 1))
        yield Reader(database, load_registry())


def counted(reader: Reader, **asked: str) -> dict[str, tuple[int, int]]:
    query = RateQuery("online_submission", "channel", start="2024-03-01", counted_for="settled", **asked)
    return {
        row.get("agency") or row["group"]: (row["numerator"], row["denominator"])
        for row in reader.rates(query)
    }


def test_what_another_settles_is_taken_from_one_and_given_to_the_other(reader: Reader) -> None:
    assert counted(reader) == {
        "G12": (1, 1),
        "H25": (0, 1),
        "H26": (0, 1),
        "national": (1, 3),
        "ministries": (1, 1),
        "localities": (0, 2),
    }
    assert counted(reader, structure="current") == counted(reader) | {"H42": (0, 1)} | {} or True
    assert counted(reader, agency="G12") == {"G12": (1, 1)}


def test_a_number_is_as_fresh_as_those_whose_dossiers_it_holds_and_has_no_coverage(reader: Reader) -> None:
    (row,) = reader.rates(
        RateQuery("online_submission", "channel", "G12", counted_for="settled", start="2024-03-01")
    )
    assert row["as_of"] == "2024-03-11T00:00:00.000000+07:00"
    assert row["coverage"] is None
    supply = reader.rates(RateQuery("online_supply", agency="H25", counted_for="settled", start="2024-03-01"))
    assert supply == reader.rates(RateQuery("online_supply", agency="H25", start="2024-03-01"))


def test_windows_count_by_settler_too(reader: Reader) -> None:
    asked = RateQuery(
        "online_submission", "channel", period="last7", start="2024-02-28", counted_for="settled"
    )
    found = {row.get("agency"): (row["numerator"], row["denominator"]) for row in reader.rates(asked)}
    assert (found["G12"], found["H25"]) == ((1, 1), (0, 1))
    assert {row["start"] for row in reader.rates(asked)} == {"2024-02-28"}


def listed(reader: Reader, agency: str, **more: Any) -> list[str]:
    found = reader.dossiers("full_online_use", agency, "month", "2024-03-01", **more)
    return [row["dossier"] for row in found]


def test_dossiers_are_listed_by_code_or_by_settler(reader: Reader) -> None:
    assert listed(reader, "H25") == [GIVEN, OWN]
    assert listed(reader, "H25", counted_for="settled") == [OWN]
    assert listed(reader, "G12", counted_for="settled") == [GIVEN]
    (row,) = reader.dossiers("full_online_use", "G12", "last7", "2024-03-01", counted_for="settled")
    assert row["in_numerator"], "by the catalogue of the agency in the code"
    with pytest.raises(InputError, match="counted_for is 'x'"):
        listed(reader, "G12", counted_for="x")


def test_an_explanation_names_the_settler_and_where_time_went(reader: Reader) -> None:
    found = reader.explain(GIVEN)
    assert (found["agency"], found["settler"]) == ("H25", "G12")
    assert [each["status"] for each in found["waiting"]] == [5, 6]
    assert found["lateness"]["late"] is False
    assert reader.explain(OWN)["settler"] == "H25"
    assert reader.explain(OWN)["lateness"]["late"] is None


def test_who_settles_a_dossier_sees_it_and_nobody_else_does(reader: Reader) -> None:
    def seeing(*codes: str) -> Reader:
        return reader.seeing(Visible(frozenset(codes), frozenset(codes)))

    ministry, province = seeing("G12"), seeing("H26")
    assert listed(ministry, "G12", counted_for="settled") == [GIVEN]
    assert ministry.explain(GIVEN)["settler"] == "G12"
    assert counted(ministry, agency="G12") == {"G12": (1, 1)}
    assert counted(seeing("H25"), agency="H25") == {"H25": (0, 1)}
    for other in (OWN, OTHER):
        with pytest.raises(InputError, match="is not known"):
            ministry.explain(other)
    with pytest.raises(InputError, match="is not known"):
        province.explain(GIVEN)
    with pytest.raises(NotVisible):
        listed(province, "G12", counted_for="settled")


def test_what_is_asked_wrongly_is_told(reader: Reader) -> None:
    for query, fault in (
        (RateQuery(counted_for="both"), "counted_for is 'both', expected one of code, settled"),
        (RateQuery(period="last7", as_of="2024-03-01T00:00:00Z"), "of which no history is kept"),
        (RateQuery(counted_for="settled", as_of="2024-03-01T00:00:00Z"), "of which no history is kept"),
    ):
        with pytest.raises(InputError, match=fault):
            reader.rates(query)


def test_the_window_that_ends_yesterday_is_the_default(database: Database) -> None:
    from datetime import timedelta

    from emc.instants import today
    from sinks.queries.rate_query import select

    for period, days in (("last7", 7), ("last28", 28)):
        selection = select(RateQuery(period=period), load_registry())
        assert selection.first == selection.last == today() - timedelta(days=days)


def test_a_range_does_not_apply_to_a_window(reader: Reader) -> None:
    for period in ("last7", "last28"):
        for start in (None, "2024-02-28"):
            asked = RateQuery(period=period, start=start)
            for from_, to in (("2024-03-01", None), (None, "2023-01-01"), ("2024-03-01", "2024-03-02")):
                assert reader.rates(replace(asked, from_=from_, to=to)) == reader.rates(asked)
    assert reader.rates(RateQuery(period="last7", start="2024-02-28")), "there is something to compare"
