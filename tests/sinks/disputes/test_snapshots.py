"""Snapshots: what is frozen stays as it was, and each caller sees their own of it."""

from collections.abc import Iterator

import pytest

from emc.errors import InputError
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.disputes.snapshot import Wanted
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader
from sinks.queries.visible import NotVisible, Visible
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.test_reading import add_rate

MARCH = "2024-03-01"
OF_H25 = Visible(frozenset({"H25"}), frozenset({"H25"}))


@pytest.fixture
def database() -> Iterator[Database]:
    """One rate of each of two agencies."""
    with embedded_database() as made:
        add_rate(made, "H25", 1, 1)
        add_rate(made, "H26", 2, 1)
        yield made


def test_a_snapshot_keeps_what_the_rates_were(database: Database) -> None:
    reader = Reader(database, registry())
    before = reader.rates(RateQuery(start=MARCH))
    made = reader.freeze(Wanted(" March ", MARCH), "the desk")
    add_rate(database, "H25", 9, 2)
    assert reader.frozen(made["id"]) == before != reader.rates(RateQuery(start=MARCH))
    assert (made["name"], made["period"], made["structure"], made["metric"]) == (
        *("March", "month", "reported"),
        None,
    )
    assert made["positions"] == [{"topic_id": "t", "partition": 0, "next_offset": 1}]
    assert made["frozen_by"] == "the desk"
    reuse = next(each for each in made["definitions"] if each["metric"] == "data_reuse")
    assert (reuse["name"], reuse["day"]) == ("received", "receipt")
    again = reader.freeze(Wanted("later", MARCH), "")
    assert [each["id"] for each in reader.snapshots()] == [again["id"], made["id"]]
    assert reader.snapshot(made["id"]) == made
    assert reader.frozen(made["id"]) == before


def test_an_agency_sees_its_own_rates_and_those_of_groups(database: Database) -> None:
    made = Reader(database, registry()).freeze(Wanted("x", MARCH), "")
    own = Reader(database, registry()).seeing(OF_H25)
    assert {each.get("agency") or each["group"] for each in own.frozen(made["id"])} == {
        *("H25", "national", "localities")
    }
    assert [each["agency"] for each in own.frozen(made["id"], "H25")] == ["H25"]
    assert own.frozen(made["id"], "H25", "on_time") == []
    with pytest.raises(NotVisible):
        own.frozen(made["id"], "H26")
    with pytest.raises(NotVisible, match="by operators"):
        own.freeze(Wanted("x", MARCH), "")


def test_nothing_prunes_or_remakes_disputes_and_every_backup_holds_them() -> None:
    tables = [schema.BY_NAME[name] for name in ("snapshots", "snapshot_rates", "objections")]
    tables.append(schema.BY_NAME["objection_messages"])
    assert {(table.pruned, table.remade) for table in tables} == {(None, None)}
    assert not schema.NOT_SAVED & {table.name for table in tables}


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (Wanted(" ", MARCH), "expected 1 to 200 characters"),
        (Wanted("of 012345678", MARCH), "a number of 9 or 12 digits"),
        (Wanted("x", "2024-02-01"), "no rate of the month of 2024-02-01"),
        (Wanted("x", "2024-03-02"), "the first day of a month"),
        (Wanted("x", MARCH, metric="speed"), "metric is 'speed'"),
        (Wanted("x", MARCH, structure="future"), "structure is 'future'"),
    ],
)
def test_what_cannot_be_frozen_is_refused(database: Database, wanted: Wanted, fault: str) -> None:
    reader = Reader(database, registry())
    with pytest.raises(InputError, match=fault):
        reader.freeze(wanted, "")
    assert reader.snapshots() == []
    with pytest.raises(InputError, match="no snapshot of that id"):
        reader.frozen("none")
