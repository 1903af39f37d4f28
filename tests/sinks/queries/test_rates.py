"""Rates as they are given out: groups, structures, order, defaults and what is refused."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from emc.definitions import DEFINITIONS
from emc.errors import InputError
from emc.instants import day_number, now_us, parse_instant, today
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.queries.reader import RateQuery, Reader
from tests.engine import embedded_database
from tests.sinks.history import commit, insert_rows

MARCH = date(2024, 3, 1)
LATE, EARLY = parse_instant("2024-04-02T23:30:00.5Z"), parse_instant("2024-04-01T00:00:00Z")


def rate(agency: str, numerator: int, denominator: int, **other: Any) -> dict[str, Any]:
    """A row of March 2024 with nothing declared, but for what `other` says."""
    row: dict[str, Any] = {
        "agency": agency,
        "metric": "data_reuse",
        "definition": "received",
        "period": "month",
        "start": MARCH,
        "numerator": numerator,
        "denominator": denominator,
        "counted": 0,
        "declared": 0,
        "version": 1,
        "is_deleted": 0,
        **other,
    }
    return row | {"start": day_number(row["start"])}


ROWS = [
    rate("G01", 1, 3, counted=3, declared=4),
    rate("G12", 0, 0, declared=6),
    rate("H25", 5, 10, counted=10, declared=8),  # Hà Nam, closed, today Ninh Bình
    rate("H42", 1, 10),
    rate("H26", 9, 9, version=2, is_deleted=1),
    rate("H26", 1, 9),
    rate("H25", 2, 4, metric="online_submission", definition="channel"),
    rate("H25", 7, 8, start=date(2024, 4, 1)),
    rate("H25", 3, 4, period="day"),
    rate("H25", 1, 2, start=today().replace(day=1)),
    rate("H25", 1, 1, metric="of-tomorrow"),
]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """A reader of the rows above."""
    with embedded_database() as database:
        insert_rows(database, "rates", ROWS)
        for agency, instant in (("G01", EARLY), ("G12", 0), ("H25", EARLY), ("H42", LATE), ("H26", EARLY)):
            commit(database, agency, 1, today(), instant)
        yield Reader(database, load_registry())


def ask(reader: Reader, **parameters: str) -> list[dict[str, Any]]:
    return reader.rates(RateQuery.of(parameters))


def counts(rates: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {rate.get("agency") or rate["group"]: (rate["numerator"], rate["denominator"]) for rate in rates}


def test_a_rate_has_the_form_of_the_contract(reader: Reader) -> None:
    (found,) = ask(reader, metric="data_reuse", agency="H42", start="2024-03-01")
    assert list(found.items()) == [
        ("metric", "data_reuse"),
        ("definition", "received"),
        ("agency", "H42"),
        ("period", "month"),
        ("start", "2024-03-01"),
        ("numerator", 1),
        ("denominator", 10),
        ("rate", 0.1),
        ("coverage", None),
        ("as_of", "2024-04-03T06:30:00.500000+07:00"),
    ]


def test_groups_are_sums_over_the_agencies_that_have_a_row(reader: Reader) -> None:
    found = ask(reader, metric="data_reuse", start="2024-03-01")
    assert counts(found) == {
        "G01": (1, 3),
        "G12": (0, 0),
        "H25": (5, 10),
        "H42": (1, 10),
        "national": (7, 23),
        "ministries": (1, 3),
        "localities": (6, 20),
    }
    national, ministries, localities = found[-3:]
    assert national["rate"] == 7 / 23
    assert (national["coverage"], ministries["coverage"], localities["coverage"]) == (13 / 18, 3 / 10, 10 / 8)
    assert (national["as_of"], ministries["as_of"]) == (
        "2024-04-03T06:30:00.500000+07:00",
        "2024-04-01T07:00:00.000000+07:00",
    )


def test_a_rate_without_a_denominator_is_null_not_zero(reader: Reader) -> None:
    (found,) = ask(reader, metric="data_reuse", agency="G12", start="2024-03-01")
    assert (found["rate"], found["coverage"], found["as_of"]) == (None, 0.0, None)


def test_the_current_structure_sums_closed_agencies_into_their_successors(reader: Reader) -> None:
    found = ask(reader, metric="data_reuse", start="2024-03-01", structure="current")
    assert counts(found)["H42"] == (6, 20)
    assert "H25" not in counts(found)
    assert counts(found)["localities"] == (6, 20)
    (merged,) = ask(reader, metric="data_reuse", start="2024-03-01", structure="current", agency="H42")
    assert (merged["denominator"], merged["coverage"]) == (20, 10 / 8)
    assert ask(reader, start="2024-03-01", structure="current", agency="H25") == []


def test_the_current_month_is_the_default(reader: Reader) -> None:
    found = ask(reader)
    assert {rate["start"] for rate in found} == {today().replace(day=1).isoformat()}
    assert counts(found) == {"H25": (1, 2), "national": (1, 2), "localities": (1, 2)}


def test_one_group_alone(reader: Reader) -> None:
    assert counts(ask(reader, group="ministries", start="2024-03-01")) == {"ministries": (1, 3)}


def test_a_range_takes_both_ends(reader: Reader) -> None:
    def starts(**bounds: str) -> list[str]:
        return [
            rate["start"] for rate in reader.rates(RateQuery(metric="data_reuse", agency="H25", **bounds))
        ]

    assert starts(from_="2024-03-01", to="2024-04-01") == ["2024-03-01", "2024-04-01"]
    assert starts(from_="2024-03-02", to="2024-04-01") == ["2024-04-01"]
    assert starts(to="2024-03-31") == ["2024-03-01"]
    assert starts(from_="0001-01-01", to="9999-12-31") == starts(from_="2024-03-01")
    assert starts(from_="2024-05-01", to="2024-03-01") == []


def test_other_periods_are_apart(reader: Reader) -> None:
    assert counts(ask(reader, period="day", start="2024-03-01", agency="H25")) == {"H25": (3, 4)}


def test_the_order_is_by_start_then_definition_then_agencies_before_groups(reader: Reader) -> None:
    found = reader.rates(RateQuery(from_="2024-03-01", to="2024-04-30"))
    order = {(definition.metric, definition.name): n for n, definition in enumerate(DEFINITIONS)}
    keys = [(rate["start"], order[rate["metric"], rate["definition"]], "group" in rate) for rate in found]
    assert keys == sorted(keys)
    groups = [rate["group"] for rate in found if "group" in rate]
    assert groups[:3] == ["national", "localities", "national"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"metric": "speed"}, "metric is 'speed', expected one of online_submission, "),
        ({"definition": "none"}, "definition is 'none', expected one of channel, "),
        ({"metric": "on_time", "definition": "channel"}, "definition is 'channel', expected one of resolved"),
        ({"agency": "Z99"}, "agency is 'Z99', expected a code of the agency registry"),
        ({"group": "H25"}, "group is 'H25', expected one of national, ministries, localities"),
        ({"agency": "H25", "group": "national"}, "agency and group were both given"),
        ({"period": "week"}, "period is 'week', expected one of day, month, quarter, year"),
        ({"start": "2024-03-02"}, "start is '2024-03-02', expected the first day of a month"),
        ({"start": "2024-02-01", "period": "quarter"}, "expected the first day of a quarter"),
        ({"start": "1/3/2024"}, "start is '1/3/2024', expected a date YYYY-MM-DD"),
        ({"start": "2024-03-01", "from": "2024-03-01"}, "start was given with from or to"),
        ({"from": "2024-13-01"}, "from is '2024-13-01', expected a date YYYY-MM-DD"),
        ({"to": ""}, "to is '', expected a date YYYY-MM-DD"),
        ({"structure": "merged"}, "structure is 'merged', expected one of reported, current"),
        ({"metrics": "data_reuse"}, "metrics is no parameter, expected one of metric, definition, agency, "),
    ],
)
def test_what_is_asked_wrongly_is_refused(reader: Reader, parameters: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as refused:
        ask(reader, **parameters)
    assert said in str(refused.value)


def test_nothing_written_gives_no_rates(database: Database) -> None:
    assert Reader(database, load_registry()).rates(RateQuery(to="2100-01-01")) == []


def test_an_agency_in_its_first_write_has_no_as_of_yet(database: Database) -> None:
    insert_rows(database, "rates", [rate("H26", 1, 2)])
    found = Reader(database, load_registry()).rates(RateQuery(start="2024-03-01"))
    assert {each["as_of"] for each in found} == {None}
    commit(database, "H26", 1, today(), now_us())


@pytest.mark.parametrize("structure", ["reported", "current"])
@pytest.mark.parametrize("period", ["month", "day"])
def test_what_is_asked_narrowly_is_a_part_of_the_whole(reader: Reader, structure: str, period: str) -> None:
    """One agency, one group or some definitions are read apart, summed by the engine; the numbers stay."""
    asked = {"period": period, "from": "2024-01-01", "to": "2024-12-31", "structure": structure}
    whole = ask(reader, **asked)
    assert whole
    for name, whose in {(each, rate[each]) for rate in whole for each in ("agency", "group") if each in rate}:
        assert ask(reader, **asked, **{name: whose}) == [rate for rate in whole if rate.get(name) == whose]
    for measure in {(rate["metric"], rate["definition"]) for rate in whole}:
        some = reader.rates(RateQuery.of(asked), (measure,))
        assert some == [rate for rate in whole if (rate["metric"], rate["definition"]) == measure]
