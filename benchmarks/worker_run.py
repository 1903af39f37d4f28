"""One worker in a process of its own over a topic that is full: how fast, at what cost, and whether rightly.

`python -m benchmarks.worker_run BOOTSTRAP TOPIC GROUP DIRECTORY`; prints one JSON line, a `WorkerRun`. The
tables stay in the directory (`clickhouse`, database `emc`).
"""

import asyncio
import resource
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import msgspec

from benchmarks.processor import by_thread, since
from emc.facts import BIT
from emc.registry import Registry, load_registry
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.native_encoding import Columns
from sinks.queries.reader import Reader
from streams.reading.app import KafkaSettings
from streams.supervision.worker import Worker


class WorkerRun(msgspec.Struct):
    """What came of a worker.

    `seconds`: from joining the group to the last durable batch; `beside`: to start and to end; `processor`:
    seconds by thread; `steps`: seconds by step, on the wall's clock; `rows`: inserted, by table; `density`:
    events of a dossier in a batch that touches it; `peak`: bytes resident at most.
    """

    events: int
    seconds: float
    beside: dict[str, float]
    processor: dict[str, float]
    steps: dict[str, float]
    rows: dict[str, int]
    density: float
    counts: dict[str, int]
    batches: int
    peak: int


class CountedDatabase(Database):
    """One that remembers how many rows were inserted."""

    inserted: Counter[str]

    def insert(self, table: str, columns: Columns) -> None:
        """As it always is."""
        self.inserted[table] += len(next(iter(columns.values())))
        super().insert(table, columns)


async def run(worker: Worker) -> tuple[list[float], dict[str, float]]:
    """Runs a worker until all is committed: four instants, and the processor time of its work by thread."""
    times = [time.time()]
    await worker.start()
    times.append(time.time())
    before = by_thread()
    while await asyncio.to_thread(worker.topic.lag):  # noqa: ASYNC110 – only the broker knows
        await asyncio.sleep(0.5)
    used = since(before)
    times.append(worker.progress.last_batch or 0.0)
    await worker.stop()
    times.append(time.time())
    return times, used


def counts(db: Database) -> dict[str, int]:
    """Dossiers received, and how many of them online."""
    received, online = db.query(
        f"SELECT sum(dossiers), sumIf(dossiers, bitAnd(signature, {BIT['online']}) != 0)"
        " FROM tallies FINAL WHERE attribution = 'receipt'"
    )[0]
    return {"received": received, "online": online}


def density(db: Database) -> float:
    """Events of a dossier in a batch that touches it, on average."""
    sql = "SELECT count(), uniqExact(subject, version) FROM events WHERE type = 'dossier'"
    events, touches = db.query(sql)[0]
    return float(events / max(touches, 1))


def audited(db: Database, registry: Registry) -> list[str]:
    """What an audit finds wrong, in words."""
    audit = Reader(db, registry).audit()
    if audit["different"] or audit["unsettled"]:
        return [f"the audit found {audit['different']} differences, {audit['unsettled']} unsettled"]
    return []


def faults(worker: Worker, db: Database, registry: Registry) -> list[str]:
    """What of a run is wrong, in words."""
    found = audited(db, registry)
    if worker.progress.totals["rejected"]:
        found.append(f"{worker.progress.totals['rejected']} events were rejected")
    return found


def main() -> None:
    """Runs, counts, and ends with an error when anything differs."""
    bootstrap, topic, group, directory = sys.argv[1:]
    registry, folder = load_registry(), Path(directory)
    db = CountedDatabase(folder / "clickhouse")
    db.inserted = Counter()
    with db:
        migrate(db)
        worker = Worker(KafkaSettings(bootstrap, topic, group), db, folder, registry)
        db.inserted.clear()
        times, used = asyncio.run(run(worker))
        starting, working, ending = (later - earlier for earlier, later in pairwise(times))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        if found := faults(worker, db, registry):
            sys.exit("; ".join(found))
        progress = worker.progress
        done = WorkerRun(
            progress.totals["accepted"],
            working,
            {"starting": starting, "ending": ending},
            used,
            dict(progress.step_seconds),
            dict(db.inserted),
            density(db),
            counts(db),
            progress.totals["batches"],
            peak,
        )
    print(msgspec.json.encode(done).decode(), flush=True)


if __name__ == "__main__":
    main()
