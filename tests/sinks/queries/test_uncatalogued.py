"""Which rates bear the mark that their dossiers mostly have no catalogue entry."""

from collections.abc import Iterator
from typing import Any

import pytest

from emc.instants import parse_instant
from emc.registry import load_registry
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.sinks.history import Said, write_history

MARCH_5 = parse_instant("2024-03-05T08:00:00+07:00")
SAID = parse_instant("2024-03-10T00:00:00+07:00")
FULL = {"service_level": "full", "eligible_full_online": True}


def dossiers(agency: str, procedures: list[str]) -> list[Said]:
    return [
        Said("dossier", f"{agency}-240305-{n:04}", SAID, str(n), {"procedure": procedure, "channel": "online",
             "status": 4, "received_at": MARCH_5})
        for n, procedure in enumerate(procedures)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """H25 has entries for two of three dossiers, H21 for one of three, H22 none."""
    entry = Said("procedure", "1.000001", SAID, "p", FULL, "1970-01-01")
    later = Said("procedure", "1.000002", SAID, "p", FULL, "2024-04-01")
    with embedded_database() as database:
        write_history(database, "H25", [*dossiers("H25", ["1.000001", "1.000001", "1.000002"]), entry])
        known = ["1.000001", "1.000002", "1.000003"]
        write_history(database, "H21", [*dossiers("H21", known), entry, later])
        write_history(database, "H22", dossiers("H22", ["1.000001"]))
        yield Reader(database, load_registry())


def marks(reader: Reader, **asked: Any) -> dict[tuple[str, str], set[str]]:
    """Whose rates are marked, by metric and definition; none without one."""
    query = RateQuery(**asked)
    plain = reader.rates(query)
    marked = reader.marked(plain, query)
    assert [{name: rate[name] for name in rate if name != "no_catalogue"} for rate in marked] == plain
    found: dict[tuple[str, str], set[str]] = {}
    for rate in marked:
        if rate.get("no_catalogue"):
            whose = rate.get("agency") or rate["group"]
            found.setdefault((rate["metric"], rate["definition"]), set()).add(whose)
    return found


@pytest.mark.parametrize(
    "asked",
    [
        {"start": "2024-03-01"},
        {"period": "day", "start": "2024-03-05"},
        {"period": "last7", "start": "2024-03-01"},
        {"period": "year", "start": "2024-01-01"},
    ],
)
def test_who_has_no_entry_for_most_dossiers_is_marked(reader: Reader, asked: dict[str, str]) -> None:
    found = marks(reader, **asked)
    assert found["full_online_use", "all"] == {"H21", "H22", "national", "localities"}
    assert not found.keys() & {("online_submission", "channel"), ("data_reuse", "received")}
    assert not [metric for metric, _ in found if metric.endswith("supply")]
    assert ("full_online_use", "claimed") not in found, "its sender says it, not the catalogue"


def test_a_group_is_marked_by_all_its_dossiers(reader: Reader) -> None:
    assert marks(reader, start="2024-03-01", agency="H25") == {}
    assert set(marks(reader, start="2024-03-01", agency="H22")) >= {("full_online_use", "all")}


def test_nothing_is_marked_where_it_cannot_be_told(reader: Reader) -> None:
    assert marks(reader, start="2024-03-01", counted_for="settled") == {}
    assert marks(reader, start="2024-03-01", as_of="2024-04-01T00:00:00+07:00") == {}
    assert reader.marked([]) == []
