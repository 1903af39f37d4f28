"""How long a worker takes until it works: its local store lost, and after a restart with the store in place;
and how long events wait while workers join and leave (`benchmarks.handover`).

The tables are made inside the engine (`benchmarks.nation_tables`, one stretch), so that many dossiers cost no
hour of sending. A store that was rebuilt must hold every dossier, and nothing may have been written back: the
cells and rates recounted from the registers are those in the tables.

    python -m benchmarks.recovery [--dossiers 200000] [--rounds 3] [--stretch 30]

--dossiers 5000000 is a nation's month.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import handover
from benchmarks.measuring import Report, Spread, end_at_once, repeated
from benchmarks.nation_tables import base_scale, copies_for, faults, make_year
from benchmarks.worker_run import CountedDatabase
from deploy.broker import Broker
from deploy.topics import ensure_topics
from emc.registry import Registry, load_registry
from sinks.clickhouse.migrate import migrate
from streams.agencies.store import Store
from streams.reading.app import KafkaSettings
from streams.supervision.phases import Phase
from streams.supervision.worker import Worker
from tests.dashboards.month import simulated_month
from tests.engine import engine_directory

_MENDED = ("dossiers", "tallies", "rates")


@contextmanager
def tables(folder: Path, dossiers: int) -> Iterator[CountedDatabase]:
    """A database with so many dossiers in it, or some more; SystemExit when it does not add up."""
    with simulated_month(folder / "made-with", base_scale(dossiers, 1)) as base:
        copies = copies_for(dossiers, base.query("SELECT count() FROM dossiers FINAL")[0][0], 1)
        db = CountedDatabase(engine_directory(), database="recovery")
        db.inserted = Counter()
        with db:
            migrate(db)
            make_year(base, db, copies, 1)
            if found := faults(base, db, copies, 1):
                sys.exit("; ".join(found))
            yield db


async def until_working(worker: Worker) -> float:
    """Seconds from starting a worker until it works; it is stopped then."""
    begun = time.monotonic()
    await worker.start()
    while worker.phase is not Phase.WORKING:  # noqa: ASYNC110 – nobody tells of it
        await asyncio.sleep(0.05)
    took = time.monotonic() - begun
    await worker.stop()
    return took


def dossiers_in(folder: Path) -> int:
    """Dossiers that a local store holds."""
    store = Store(folder / "store")
    try:
        return sum(1 for key, _ in store.scan(b"") if key[3:4] == b"d")
    finally:
        store.close()


class Recovery:
    """Starts workers over one database and an empty topic."""

    def __init__(self, db: CountedDatabase, broker: Broker, folder: Path) -> None:
        self._db, self._broker, self._folder = db, broker, folder
        self._registry: Registry = load_registry()
        self.dossiers = int(db.query("SELECT count() FROM dossiers FINAL")[0][0])

    def _start(self) -> float:
        kafka = KafkaSettings(self._broker.bootstrap)
        return asyncio.run(until_working(Worker(kafka, self._db, self._folder, self._registry)))

    def lost(self) -> float:
        """Seconds until a worker works whose local store is gone; SystemExit when it is not what it was."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._db.inserted.clear()
        took = self._start()
        if (held := dossiers_in(self._folder)) != self.dossiers:
            sys.exit(f"the local store holds {held} dossiers, expected {self.dossiers}")
        if mended := {name: self._db.inserted[name] for name in _MENDED if self._db.inserted[name]}:
            sys.exit(f"cells and rates were recounted otherwise: {mended} rows were written back")
        return took

    def restarted(self) -> float:
        """Seconds until a worker works that finds its local store."""
        return self._start()


def rows(found: dict[str, list[float]], dossiers: int) -> list[dict[str, Any]]:
    """The table."""
    return [
        {
            "what": name,
            "dossiers": dossiers,
            "seconds": Spread.of(seconds),
            "dossiers/s": Spread.of(dossiers / each for each in seconds),
        }
        for name, seconds in found.items()
    ]


def main() -> None:
    """Makes the tables, then loses the store and restarts, in turn; then lets workers join and leave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dossiers", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stretch", type=float, default=30, help="seconds; 0: no second worker")
    options = parser.parse_args()
    report = Report("recovery", vars(options))
    with tempfile.TemporaryDirectory() as name, tables(Path(name), options.dossiers) as db:
        with Broker(Path(name) / "broker") as broker:
            ensure_topics(broker.bootstrap)
            recovery = Recovery(db, broker, Path(name) / "worker")
            runs = {"local store lost": recovery.lost, "restart": recovery.restarted}
            found = repeated(options.rounds, runs)
        report.table("from starting to working", rows(found, recovery.dossiers))
        if options.stretch:
            waits = handover.measure(Path(name) / "handover", options.stretch)
            report.table(f"workers join and leave at {handover.RATE} events/s", waits)
    report.write()
    end_at_once(engine_directory())


if __name__ == "__main__":
    main()
