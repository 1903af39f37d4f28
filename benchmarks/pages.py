"""How long pages take to their first byte, what they cost a processor, and what they weigh.

python -m benchmarks.pages [URL] [--times 100] [--scale 1] [--dossiers 1000000]

With a URL: at that service, which holds the simulated March 2024. Without one, over tables of this process
that hold that month at a scale, made as many dossiers as asked for inside the engine. The first column is of
the first reader after something was written, who is answered from no memory; without a URL only.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks.measuring import quantile
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.access.rules import Rules
from portal.api import create_app
from portal.pages.routes import add_pages
from portal.server import Server
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.dashboards.month import simulated_month

START, AGENCY = "2024-03-01", "H26"
ADDRESSES = (
    *(f"/?start={START}", f"/agencies/{AGENCY}?start={START}", f"/agencies/{AGENCY}/missing?start={START}"),
    *(f"/rates/data_reuse?start={START}&agency={AGENCY}", "/rates", "/connect", "/operate"),
    *("/snapshots", "/objections", "/reconcile", "/sign-in?next=/"),
)
_FIRST = 10
_WRITE = "INSERT INTO commits SELECT * REPLACE (version + 1 AS version) FROM commits FINAL LIMIT 1"
Write = Callable[[], object]


class Asked(NamedTuple):
    """One answer: milliseconds to its first byte, of this process's processor, and its bytes."""

    waited: float
    computed: float
    weight: int


def ask(client: httpx.Client, address: str) -> Asked:
    """Asks for a page and reads it whole."""
    begun, computed = time.perf_counter(), time.process_time()
    with client.stream("GET", address) as answer:
        waited = (time.perf_counter() - begun) * 1000
        weight = sum(len(part) for part in answer.iter_raw())
    answer.raise_for_status()
    return Asked(waited, (time.process_time() - computed) * 1000, weight)


def multiply(database: Database, wanted: int) -> int:
    """Copies every dossier, under codes of their own, until there are so many; tells how many."""
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
    return int(present * times)


@contextmanager
def own_service(scale: float, dossiers: int) -> Iterator[tuple[str, Write]]:
    """The address of pages over the month, and what makes the memory of what was read worthless."""
    with tempfile.TemporaryDirectory() as folder, simulated_month(Path(folder) / "store", scale) as database:
        print(f"{multiply(database, dossiers)} dossiers")
        entrance = Entrance(Reader(database, load_registry()), Rules("open"))
        health = {"status": "ok", "lag": 0, "waiting_for": None, "audit": None}
        told = {**health, "broken_sources": [], "warnings": []}
        app = create_app(entrance, lambda: told)
        add_pages(app, entrance.guard, lambda: told, None)
        server = Server()
        server.start(app)

        yield server.url, partial(database.command, _WRITE)
        server.stop()


def measure(url: str, times: int, write: Write | None) -> None:
    """Asks for each page so many times, one after the other, and prints a line for each."""
    print(f"{'page':50} {'first ms':>8} {'p50 ms':>7} {'p95 ms':>7} {'CPU ms':>7} {'kB':>6}")
    with httpx.Client(base_url=url, headers={"accept": "text/html"}, timeout=60) as client:
        for address in ADDRESSES:
            ask(client, address)
            firsts = [] if write is None else [_after(write, client, address) for _ in range(_FIRST)]
            found = [ask(client, address) for _ in range(times)]
            waited, computed = (sorted(each[n] for each in found) for n in (0, 1))
            first = f"{quantile(sorted(firsts), 0.5):8.0f}" if firsts else f"{'':8}"
            print(
                f"{address:50} {first} {quantile(waited, 0.5):7.0f} {quantile(waited, 0.95):7.0f}"
                f" {quantile(computed, 0.5):7.0f} {found[0].weight / 1000:6.0f}",
                flush=True,
            )


def _after(write: Write, client: httpx.Client, address: str) -> float:
    write()
    return ask(client, address).waited


def main() -> None:
    """Measures a service, or one of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--dossiers", type=int, default=0)
    asked = parser.parse_args()
    if asked.url is not None:
        measure(asked.url, asked.times, None)
        return
    with own_service(asked.scale, asked.dossiers) as (url, write):
        measure(url, asked.times, write)


if __name__ == "__main__":
    main()
