"""Incidents: entered, ended, taken back, and who sees which on what."""

from collections.abc import Iterator
from datetime import date

import pytest

from emc.errors import InputError
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.incidents.incident import moment_of
from sinks.incidents.store import IncidentStore
from sinks.incidents.touching import days_of, marked_days, of_rate
from sinks.queries.reader import Reader
from sinks.queries.visible import NotVisible, Visible
from tests.engine import embedded_database

REGISTRY = load_registry()
MARCH = (date(2024, 3, 1), date(2024, 3, 31))


@pytest.fixture
def database() -> Iterator[Database]:
    """All tables, empty."""
    with embedded_database() as made:
        yield made


def entered(database: Database, agency: str | None, from_: str, to: str | None, text: str) -> str:
    store = IncidentStore(database, REGISTRY)
    end = None if to is None else moment_of("to", to, is_end=True)
    return store.add(agency, moment_of("from", from_), end, text).id


def texts(database: Database, visible: Visible, agency: str | None = None) -> list[str]:
    return [each["text"] for each in Reader(database, REGISTRY, visible).incidents(agency)]


def test_an_incident_is_entered_ended_and_taken_back(database: Database) -> None:
    reader, store = Reader(database, REGISTRY), IncidentStore(database, REGISTRY)
    id_ = entered(database, "H25", "2024-03-05", None, " the line was cut ")
    (shown,) = reader.incidents()
    expected = {"id": id_, "agency": "H25", "from": "2024-03-05T00:00:00.000000+07:00", "to": None}
    assert shown == expected | {"text": "the line was cut"}
    store.end(id_, moment_of("at", "2024-03-06T10:00:00+07:00"))
    assert reader.incidents()[0]["to"] == "2024-03-06T10:00:00.000000+07:00"
    store.remove(id_)
    assert reader.incidents() == []
    with pytest.raises(InputError, match="no incident of that id"):
        store.end(id_, 0)


def test_a_day_is_whole_and_touches_what_it_falls_on(database: Database) -> None:
    entered(database, None, "2024-03-05", "2024-03-06", "all")
    reader = Reader(database, REGISTRY)
    assert [each["to"] for each in reader.incidents()] == ["2024-03-06T23:59:59.000000+07:00"]
    assert marked_days(reader.incidents(), *MARCH) == {"2024-03-05", "2024-03-06"}
    for first, last, is_there in ((4, 4, False), (4, 5, True), (6, 9, True), (7, 9, False)):
        days = (date(2024, 3, first), date(2024, 3, last))
        assert bool(reader.incidents(days=days)) == is_there


def test_an_agency_sees_its_own_and_those_that_concern_all(database: Database) -> None:
    for agency in ("H25", "H26", None):
        entered(database, agency, "2024-03-05", None, f"of {agency}")
    own = Visible(frozenset({"H25"}), frozenset())
    assert sorted(texts(database, own)) == sorted(texts(database, own, "H25")) == ["of H25", "of None"]
    with pytest.raises(NotVisible):
        texts(database, own, "H26")
    assert len(texts(database, Visible())) == 3
    assert texts(database, Visible(frozenset(), frozenset())) == ["of None"]


def test_a_rate_bears_those_of_its_agency_of_those_it_succeeded_and_of_its_groups_members(
    database: Database,
) -> None:
    successor = next(REGISTRY.current(code) for code in REGISTRY.agencies if REGISTRY.current(code) != code)
    closed = min(REGISTRY.reports_of(successor) - {successor})
    for agency in (closed, successor, "G12", None):
        entered(database, agency, "2024-03-31", None, str(agency))
    found = Reader(database, REGISTRY).incidents(successor)
    assert {each["agency"] for each in found} == {closed, successor, None}
    everything = Reader(database, REGISTRY).incidents()
    rate = {"period": "month", "start": "2024-03-01"}

    def marked(**whose: str) -> set[str | None]:
        return {each["agency"] for each in of_rate(everything, rate | whose, REGISTRY)}

    assert marked(agency=closed) == {closed, None}
    assert marked(agency=successor) == {closed, successor, None}
    assert marked(agency="H01") == {None}
    assert marked(group="ministries") >= {"G12", None}
    assert marked(group="national") == {closed, successor, "G12", None}
    rate = {"period": "month", "start": "2024-02-01"}
    assert marked(group="national") == set()


def test_the_days_of_rates_reach_to_the_end_of_the_last_period() -> None:
    rates = [{"period": "month", "start": start} for start in ("2024-02-01", "2024-01-01")]
    assert days_of(rates) == (date(2024, 1, 1), date(2024, 2, 29))
    assert days_of([{"period": "last7", "start": "2024-03-01"}]) == (date(2024, 3, 1), date(2024, 3, 7))
    assert days_of([]) is None


@pytest.mark.parametrize(
    ("agency", "from_", "to", "text", "fault"),
    [
        ("H99", "2024-03-05", None, "x", "agency is 'H99'"),
        ("H25", "soon", None, "x", "from is 'soon', expected a date, or RFC 3339"),
        ("H25", "2024-03-05T10:00:00", None, "x", "expected a date, or RFC 3339 with offset"),
        ("H25", "2024-03-05", "2024-03-04", "x", "to is before from"),
        ("H25", "2024-03-05", None, "  ", "expected 1 to 200 characters"),
        ("H25", "2024-03-05", None, "x" * 201, "expected 1 to 200 characters"),
        ("H25", "2024-03-05", None, "a\nb", "without control characters"),
        ("H25", "2024-03-05", None, "call 012345678", "a number of 9 or 12 digits"),
    ],
)
def test_what_may_not_be_kept_is_refused(
    database: Database, agency: str, from_: str, to: str | None, text: str, fault: str
) -> None:
    with pytest.raises(InputError, match=fault):
        entered(database, agency, from_, to, text)
    assert Reader(database, REGISTRY).incidents() == []
