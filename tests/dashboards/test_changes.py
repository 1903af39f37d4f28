"""`emc why` over the simulated month: every metric of every agency, added up exactly."""

from fractions import Fraction

import pytest

from emc.definitions import DEFINITIONS
from emc.errors import InputError
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.queries.change_query import ChangeQuery
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader

FROM, TO = "2024-03-04", "2024-03-18"


def test_contributions_add_up_to_the_change_of_the_rates_that_are_given_out(month: Database) -> None:
    reader = Reader(month, load_registry())
    starts = {day: reader.rates(RateQuery(period="last7", start=day)) for day in (FROM, TO)}
    rates = {
        (day, row["agency"], row["metric"], row["definition"]): row
        for day, rows in starts.items()
        for row in rows
        if "agency" in row
    }
    explained = 0
    for agency in ("G01", "G12", "H25", "H26", "H44"):
        for definition in DEFINITIONS:
            asked = ChangeQuery(definition.metric, agency, FROM, TO, "last7", definition.name)
            found = reader.why(asked)
            for day, stretch in ((FROM, found["from"]), (TO, found["to"])):
                row = rates.get((day, agency, definition.metric, definition.name))
                given = (row["numerator"], row["denominator"]) if row else (0, 0)
                assert (stretch["numerator"], stretch["denominator"]) == given
            if found["change"] is None:
                assert found["contributions"] == []
                continue
            before, after = (
                Fraction(found[end]["numerator"], found[end]["denominator"]) for end in ("from", "to")
            )
            assert sum(Fraction(each["exact"]) for each in found["contributions"]) == after - before
            explained += 1
    assert explained > 50


def test_what_is_asked_wrongly_is_told(month: Database) -> None:
    reader = Reader(month, load_registry())
    for asked, fault in (
        (ChangeQuery("speed", "H25", FROM, TO), "metric is 'speed'"),
        (ChangeQuery("data_reuse", "X", FROM, TO), "agency is 'X'"),
        (ChangeQuery("data_reuse", "H25", FROM, TO, "month"), "from is '2024-03-04', expected the first day"),
        (ChangeQuery("data_reuse", "H25", FROM, "soon"), "to is 'soon', expected a date"),
    ):
        with pytest.raises(InputError, match=fault):
            reader.why(asked)
