"""What reading costs when the tables hold a nation's year: API, pages, exporter, explain.

The year is made inside the engine (`benchmarks.nation_tables`); that states, cells and rates agree in it is
checked before anything is timed. Each question is asked in turn with all the others, so many times; told are
the middle and the 95th percentile of its milliseconds, the rows that its statements would read by the
engine's own estimate, and by how much the process grew at most beyond what it held before.

    python -m benchmarks.reads [--dossiers 500000] [--times 20]        (61000000: the whole nation)
"""

import argparse
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.measuring import OUTPUT, Report, end_at_once, quantile
from benchmarks.nation_tables import base_scale, copies_for, faults, make_year
from benchmarks.resident import MIB, memory_of
from emc.errors import EmcError
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.api import create_app
from portal.pages.routes import add_pages
from sinks.clickhouse.database import Database, Row
from sinks.clickhouse.migrate import migrate
from sinks.prometheus.snapshot import SnapshotReader, hanoi_day
from sinks.queries.change_query import ChangeQuery
from sinks.queries.reader import RateQuery, Reader
from tests.dashboards.month import simulated_month
from tests.engine import engine_directory
from tests.portal.serving import OPEN, served

START = "2024-03-01"
_MARCH_15 = 1_710_478_800.0
_HEALTH: dict[str, Any] = {
    "status": "ok", "lag": 0, "waiting_for": None, "audit": None, "broken_sources": [], "warnings": [],
}  # fmt: skip
Question = Callable[[], object]


class Watched(Database):
    """Remembers what it was asked."""

    asked: list[tuple[str, Mapping[str, Any]]]

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """As it always is."""
        self.asked.append((sql + self._filters, parameters or {}))
        return super().query(sql, parameters)

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """As it always is."""
        self.asked.append((sql + self._filters, parameters or {}))
        return super().rows(sql, parameters)

    def stream(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[list[Row]]:
        """As it always is."""
        self.asked.append((sql + self._filters, parameters or {}))
        return super().stream(sql, parameters)


def questions(reader: Reader, agency: str, dossier: str) -> dict[str, Question]:
    """What API, commands and exporter ask, by name."""
    registry = reader.registry
    scrape = SnapshotReader(reader.database, registry, lambda: hanoi_day(_MARCH_15), heavy_every=0)
    change = ChangeQuery("data_reuse", agency, "2024-03-04", "2024-03-11")
    listed = ("data_reuse", agency, "month", START)
    return {
        "rates of a month, all": lambda: reader.rates(RateQuery(start=START)),
        "rates of an agency's days": lambda: reader.rates(
            RateQuery(agency=agency, period="day", from_=START, to="2024-03-31")
        ),
        "rates of the nation, a year's months": lambda: reader.rates(
            RateQuery(group="national", from_="2023-04-01", to=START)
        ),
        "rates of a year, all": lambda: reader.rates(RateQuery(period="year", start="2024-01-01")),
        "rates by who settles": lambda: reader.rates(RateQuery(start=START, counted_for="settled")),
        "rates of a window": lambda: reader.rates(RateQuery(period="last28", start=START)),
        "drill-down, first 100": lambda: list(reader.dossiers(*listed, limit=100)),
        "drill-down, first 100 missing": lambda: list(reader.dossiers(*listed, True, limit=100)),
        "a dossier explained": lambda: reader.explain(dossier),
        "why a rate moved": lambda: reader.why(change),
        "warnings, first 100": lambda: reader.dossier_warnings(agency, 100),
        "refused, first 100": lambda: reader.rejections(agency),
        "sources": reader.sources,
        "times of metrics": lambda: reader.metric_times(agency),
        "a scrape of the exporter": scrape,
    }


@contextmanager
def pages(reader: Reader, agency: str, dossier: str) -> Iterator[dict[str, Question]]:
    """The pages over HTTP, by name."""
    entrance = Entrance(reader, OPEN)
    app = create_app(entrance, lambda: _HEALTH)
    add_pages(app, entrance.guard, lambda: _HEALTH, None)
    at = {
        "page: board": f"/?start={START}",
        "page: an agency": f"/agencies/{agency}?start={START}",
        "page: missing dossiers": f"/agencies/{agency}/missing?start={START}",
        "page: a rate": f"/rates/data_reuse?start={START}&agency={agency}",
        "page: a dossier": f"/dossiers/{dossier}",
        "page: operate": "/operate",
    }
    with served(app) as client:
        client.headers["accept"] = "text/html"
        client.timeout = httpx.Timeout(300)

        def ask(address: str) -> Question:
            return lambda: client.get(address).raise_for_status()

        yield {name: ask(address) for name, address in at.items()}


def estimated(db: Watched) -> int | None:
    """Rows that the engine would read for what it was asked, by its own estimate; None when it gives none."""
    total = 0
    for sql, parameters in list(db.asked):
        if re.match(r"\s*(SELECT|WITH)", sql):
            try:
                total += sum(row[3] for row in Database.query(db, f"EXPLAIN ESTIMATE {sql}", parameters))
            except EmcError:
                return None
    return total


def growth(question: Question) -> int:
    """By how many bytes the process grew at most while it was asked once."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the greatest size until now
    before, _ = memory_of(_here())
    question()
    return max(0, memory_of(_here())[1] - before)


def _here() -> int:
    return int(Path("/proc/self").resolve().name)


def measured(db: Watched, asked: Mapping[str, Question], times: int) -> list[dict[str, Any]]:
    """A row of the table for each question."""
    rows, took = [], {name: list[float]() for name in asked}
    for name, question in asked.items():
        db.asked.clear()
        question()
        held = growth(question)
        rows.append({"question": name, "rows read": estimated(db), "MiB": held / MIB})
    order = list(asked)
    for _ in range(times):
        random.Random(len(took[order[0]])).shuffle(order)
        for name in order:
            begun = time.perf_counter()
            asked[name]()
            took[name].append((time.perf_counter() - begun) * 1000)
    for row in rows:
        found = sorted(took[str(row["question"])])
        row |= {"p50 ms": quantile(found, 0.5), "p95 ms": quantile(found, 0.95)}
    return rows


@contextmanager
def nation_year(folder: Path, dossiers: int) -> Iterator[Watched]:
    """A database with so many dossiers in it, or some more; SystemExit when it does not add up."""
    with simulated_month(folder / "store", base_scale(dossiers)) as base:
        count = base.query("SELECT count() FROM dossiers FINAL")[0][0]
        copies = copies_for(dossiers, count)
        year = Watched(engine_directory(), database="year")
        year.asked = []
        with year:
            migrate(year)
            make_year(base, year, copies)
            if found := faults(base, year, copies):
                sys.exit("; ".join(found))
            yield year


def facts(year: Database) -> list[dict[str, Any]]:
    """What the tables hold."""
    sql = """
        SELECT table, sum(rows), count(), sum(bytes_on_disk) FROM system.parts
        WHERE active AND database = currentDatabase() GROUP BY table ORDER BY sum(rows) DESC LIMIT 8
    """
    return [
        {"table": table, "rows": rows, "parts": parts, "MiB on disk": size / MIB}
        for table, rows, parts, size in year.query(sql)
    ]


def asked_of(year: Watched, times: int) -> list[dict[str, Any]]:
    """Asks everything; about the agency with the most dossiers."""
    reader = Reader(year, load_registry())
    agency = year.query("SELECT agency FROM dossiers GROUP BY agency ORDER BY count() DESC LIMIT 1")[0][0]
    known = "SELECT subject FROM events WHERE type = 'dossier' AND agency = {agency:String} LIMIT 1"
    dossier = year.query(known, {"agency": agency})[0][0]
    with pages(reader, agency, dossier) as shown:
        return measured(year, questions(reader, agency, dossier) | shown, times)


def main() -> None:
    """Makes the year and asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dossiers", type=int, default=500_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    report = Report("reads", vars(options), folder=options.output)
    with tempfile.TemporaryDirectory() as folder, nation_year(Path(folder), options.dossiers) as year:
        report.table("what the tables hold", facts(year))
        report.table("what reading costs", asked_of(year, options.times))
    report.write()
    end_at_once(engine_directory())


if __name__ == "__main__":
    main()
