"""`emc why` over the simulated month: every metric of agencies, by every part, added up exactly."""

from fractions import Fraction
from typing import Any

import pytest

from emc.definitions import DEFINITIONS
from emc.errors import InputError
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.queries.change_query import BY, ChangeQuery
from sinks.queries.parts import OF_SUPPLY, PARTS
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader
from sinks.queries.visible import NotVisible, Visible

FROM, TO = "2024-03-04", "2024-03-18"
AGENCIES = {"code": ("G01", "G06", "H25", "H26"), "settled": ("G06", "H25")}
"""Whose changes are read; G06 and H25 settle for each other, and by settler others are as by code."""


def is_exact(found: dict[str, Any]) -> bool:
    """Whether contributions add up to the change of the rates at both ends; False when there is none."""
    if found["change"] is None:
        assert found["contributions"] == []
        return False
    before, after = (Fraction(found[end]["numerator"], found[end]["denominator"]) for end in ("from", "to"))
    assert sum(Fraction(each["exact"]) for each in found["contributions"]) == after - before
    for end, name in (("from", "before"), ("to", "after")):
        for n, count in enumerate(("numerator", "denominator")):
            assert sum(each[name][n] for each in found["contributions"]) == found[end][count]
    return True


@pytest.mark.parametrize("counted_for", ["code", "settled"])
def test_contributions_add_up_to_the_change_of_the_rates_that_are_given_out(
    month: Database, counted_for: str
) -> None:
    reader = Reader(month, load_registry())
    starts = {
        day: reader.rates(RateQuery(period="last7", start=day, counted_for=counted_for)) for day in (FROM, TO)
    }
    rates = {
        (day, row["agency"], row["metric"], row["definition"]): row
        for day, rows in starts.items()
        for row in rows
        if "agency" in row
    }
    explained = 0
    for agency in AGENCIES[counted_for]:
        for definition in DEFINITIONS:
            for by in OF_SUPPLY if definition.day == "state" else BY:
                names = definition.metric, agency, FROM, TO, "last7", definition.name
                found = reader.why(ChangeQuery(*names, by, counted_for))
                for day, stretch in ((FROM, found["from"]), (TO, found["to"])):
                    row = rates.get((day, agency, definition.metric, definition.name))
                    given = (row["numerator"], row["denominator"]) if row else (0, 0)
                    assert (stretch["numerator"], stretch["denominator"]) == given
                explained += is_exact(found)
    assert explained > 25 * len(AGENCIES[counted_for])


def test_parts_are_what_they_are_called(month: Database) -> None:
    reader = Reader(month, load_registry())

    def parts(by: str, metric: str = "full_online_use", definition: str = "all") -> set[str]:
        asked = ChangeQuery(metric, "G06", FROM, TO, "last7", definition, by)
        return {each["part"] for each in reader.why(asked)["contributions"]}

    assert set(BY) == set(PARTS)
    assert parts("definition") == {"all, claimed", "all, eligible, claimed"}
    assert {part.partition("/")[0] for part in parts("entry")} == parts("procedure")
    assert any("/" in part for part in parts("entry"))
    sources = {row["source"] for row in reader.sources() if row["agency"] == "G06"}
    assert parts("source") <= sources
    assert parts("source")
    assert all(part.startswith("G06") or part.endswith("G06") for part in parts("unit"))


def test_an_agency_is_told_of_its_own_and_of_what_it_settles(month: Database) -> None:
    own = Reader(month, load_registry(), Visible(frozenset({"H25"}), frozenset({"H25"})))
    every = Reader(month, load_registry())
    asked = ChangeQuery("data_reuse", "H25", FROM, TO, counted_for="settled")
    assert own.why(asked) == every.why(asked)
    with pytest.raises(NotVisible):
        own.why(asked._replace(agency="G06"))


def test_what_is_asked_wrongly_is_told(month: Database) -> None:
    reader = Reader(month, load_registry())
    for asked, fault in (
        (ChangeQuery("speed", "H25", FROM, TO), "metric is 'speed'"),
        (ChangeQuery("data_reuse", "X", FROM, TO), "agency is 'X'"),
        (ChangeQuery("data_reuse", "H25", FROM, TO, "month"), "from is '2024-03-04', expected the first day"),
        (ChangeQuery("data_reuse", "H25", FROM, "soon"), "to is 'soon', expected a date"),
        (ChangeQuery("data_reuse", "H25", FROM, TO, by="colour"), "by is 'colour', expected one of"),
        (ChangeQuery("data_reuse", "H25", FROM, TO, counted_for="x"), "counted_for is 'x'"),
        (ChangeQuery("online_supply", "H25", FROM, TO, by="unit"), "expected one of procedure, entry for"),
    ):
        with pytest.raises(InputError, match=fault):
            reader.why(asked)
