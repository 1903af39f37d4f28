"""A nation's year made inside the engine adds up, and what is asked of it is answered."""

from collections.abc import Iterator

import pytest

from benchmarks.nation_tables import STRETCHES, copies_for, faults, make_year
from benchmarks.reads import Watched, estimated, questions
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from sinks.queries.reader import RateQuery, Reader
from tests.dashboards.month import simulated_month
from tests.engine import engine_directory

COPIES = 2


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with simulated_month(tmp_path_factory.mktemp("base") / "store", 0.005) as made:
        yield made


@pytest.fixture(scope="module")
def year(base: Database) -> Iterator[Watched]:
    made = Watched(engine_directory(), database="bench_year")
    made.asked = []
    with made:
        migrate(made)
        make_year(base, made, COPIES)
        yield made
        made.command("DROP DATABASE bench_year SYNC")


def test_states_cells_and_rates_of_the_year_agree(base: Database, year: Watched) -> None:
    assert faults(base, year, COPIES) == []


def test_a_dossier_too_few_is_told(base: Database, year: Watched) -> None:
    assert faults(base, year, COPIES + 1) != []


def test_the_year_holds_every_month_and_sums_them(year: Watched) -> None:
    months = "SELECT uniqExact(start), sum(denominator) FROM rates FINAL WHERE period = 'month'"
    years = "SELECT uniqExact(start), sum(denominator) FROM rates FINAL WHERE period = 'year'"
    only = " AND metric = 'online_submission' AND definition = 'channel'"
    found, summed = year.query(months + only)[0], year.query(years + only)[0]
    assert found[0] >= 12
    assert found[1] == summed[1] > 0


def test_every_question_is_answered_and_its_rows_are_estimated(year: Watched) -> None:
    reader = Reader(year, load_registry())
    agency = year.query("SELECT agency FROM dossiers GROUP BY agency ORDER BY count() DESC LIMIT 1")[0][0]
    sql = "SELECT subject FROM events WHERE type = 'dossier' AND agency = {agency:String} LIMIT 1"
    dossier = year.query(sql, {"agency": agency})[0][0]
    for name, question in questions(reader, agency, dossier).items():
        year.asked.clear()
        question()
        assert year.asked, name
        assert estimated(year) is not None, name


def test_rates_of_a_past_month_are_read(year: Watched) -> None:
    rates = Reader(year, load_registry()).rates(RateQuery(group="national", start="2023-07-01"))
    assert any(rate["denominator"] for rate in rates)


def test_copies_are_as_many_as_it_takes() -> None:
    assert copies_for(1_000_000, 1_000) == -(-1_000_000 // (1_000 * STRETCHES))
    assert copies_for(1, 1_000) == 1
    assert copies_for(10**9, 1_000) == 999
