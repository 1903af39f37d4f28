"""How long pages take to their first byte, what they cost the service's processor, and what they weigh.

python -m benchmarks.pages [--times 100] [--scale 1] [--dossiers 1000000]

Over tables of this process that hold the simulated March 2024 at a scale: the demo's at 1. With `--dossiers`
once more after they were made so many inside the engine. Readers are a process of their own and come one
after the other. Columns: `first`, who reloads a page after something was written, so nothing of it is kept;
100 readers while nothing is written; readers while something is written every second; processor time of the
service for each of the 100. Exits with 1 when a 95th reader waits for more than 100 ms.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.access.rules import Rules
from portal.api import create_app
from portal.pages.routes import add_pages
from portal.server import Server
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.dashboards.month import simulated_month

_WRITE = "INSERT INTO commits SELECT * REPLACE (version + 1 AS version) FROM commits FINAL LIMIT 1"
Orders = Mapping[str, Callable[[], float]]


def multiply(database: Database, wanted: int) -> None:
    """Copies every dossier, under codes of their own, until there are so many."""
    ((present,),) = database.query("SELECT count() FROM dossiers FINAL")
    times = max(1, -(-wanted // present))
    database.command(
        "INSERT INTO dossiers SELECT d.* REPLACE (concat(d.dossier, 'x', toString(n.number + 1)) AS dossier)"
        f" FROM (SELECT * FROM dossiers FINAL) AS d CROSS JOIN numbers({times - 1}) AS n"
    )
    for table, counts in (
        ("rates", ("numerator", "denominator", "counted", "declared")),
        ("tallies", ("dossiers",)),
    ):
        more = ", ".join(f"{name} * {times} AS {name}" for name in counts)
        database.command(
            f"INSERT INTO {table} SELECT * REPLACE ({more}, version + 1 AS version) FROM {table} FINAL"
        )


@contextmanager
def service(database: Database) -> Iterator[str]:
    """The address of pages over a database, where everybody is an operator."""
    entrance = Entrance(Reader(database, load_registry()), Rules("open"))
    told = {
        "status": "ok",
        "lag": 0,
        "waiting_for": None,
        "audit": None,
        "broken_sources": [],
        "warnings": [],
    }
    app = create_app(entrance, lambda: told)
    pages = add_pages(app, entrance.guard, lambda: told, None)
    server = Server()
    server.start(app)
    yield server.url
    server.stop()
    pages.close()


def measured(database: Database, times: int) -> bool:
    """Prints what every page takes; whether all are as fast as asked for."""

    def write() -> float:
        database.command(_WRITE)
        return 0.0

    orders: Orders = {"write": write, "cpu": time.process_time}
    ((dossiers,),) = database.query("SELECT count() FROM dossiers FINAL")
    print(f"{dossiers} dossiers", flush=True)
    with service(database) as url:
        arguments = [sys.executable, "-m", "benchmarks.page_readers", url, str(times)]
        readers = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert readers.stdin is not None
        assert readers.stdout is not None
        for line in readers.stdout:
            ordered = orders.get(line.strip())
            if ordered is None:
                print(line, end="", flush=True)
            else:
                print(ordered(), file=readers.stdin, flush=True)
        return readers.wait() == 0


def main() -> None:
    """Measures over the month, then over the wanted number of dossiers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--dossiers", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, simulated_month(Path(folder), asked.scale) as database:
        passed = measured(database, asked.times)
        if asked.dossiers:
            multiply(database, asked.dossiers)
            passed = measured(database, asked.times) and passed
    sys.exit(not passed)


if __name__ == "__main__":
    main()
