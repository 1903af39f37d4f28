"""The whole path, Kafka to committed in ClickHouse, from a pre-filled topic with one worker.

Single-event messages and the same events packed by 100, each beside a plain Faust worker that counts in
Tables on the same topic (`benchmarks.peer`). Nothing is turned off: validation, 5 % repetitions, disorder,
every table; afterwards the audit must find no difference and the peer must have counted the same.

    python -m benchmarks.pipeline [--scale 2] [--no-peer]
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from benchmarks.load import PACKINGS, fill, month
from deploy.broker import Broker
from deploy.topics import ensure_topics
from emc.facts import BIT
from emc.registry import Registry, load_registry
from producers.simulator import Message
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from sinks.queries.reader import Reader
from streams.reading.app import KafkaSettings
from streams.supervision.worker import Worker

_TOPICS = {False: "single.events", True: "packed.events"}
_PACKINGS = {False: PACKINGS["singles"], True: PACKINGS["packs of 100"]}


class Counts(NamedTuple):
    """Dossiers received, and how many of them online."""

    received: int
    online: int

    def show(self) -> None:
        """Prints them."""
        print(f"{'':15} dossiers received {self.received:,}, of them online {self.online:,}", flush=True)


class Run(NamedTuple):
    """A worker that ended, and its seconds: to start, until the last batch was durable, to end."""

    worker: Worker
    starting: float
    working: float
    ending: float


async def run_worker(bootstrap: str, topic: str, db: Database, directory: Path, registry: Registry) -> Run:
    """Runs one worker over the topic until everything is committed."""
    worker = Worker(KafkaSettings(bootstrap, topic, group=topic), db, directory, registry)
    times = [time.time()]
    await worker.start()
    times.append(time.time())
    while await asyncio.to_thread(worker.topic.lag):  # noqa: ASYNC110 – only the broker knows
        await asyncio.sleep(1)
    times.append(worker.progress.last_batch or 0.0)
    await worker.stop()
    times.append(time.time())
    return Run(worker, *(later - earlier for earlier, later in pairwise(times)))


def measure(broker: Broker, root: Path, messages: list[Message], packed: bool, registry: Registry) -> Counts:
    """Fills a topic, runs the worker over it and prints what came of it; returns what it counted."""
    topic = ensure_topics(broker.bootstrap, events=_TOPICS[packed])[0].name
    events = fill(broker.bootstrap, topic, messages, _PACKINGS[packed])
    with Database(root / "clickhouse", database=topic.partition(".")[0]) as db:
        migrate(db)
        run = asyncio.run(run_worker(broker.bootstrap, topic, db, root / topic, registry))
        audit = Reader(db, registry).audit()
        sql = (
            f"SELECT sum(dossiers), sumIf(dossiers, bitAnd(signature, {BIT['online']}) != 0)"
            " FROM tallies FINAL WHERE attribution = 'receipt'"
        )
        counts = Counts(*db.query(sql)[0])
    progress = run.worker.progress
    steps = ", ".join(f"{name} {s / events * 1e6:.1f}" for name, s in progress.step_seconds.items())
    print(f"{topic:15} {events:9,} events  {events / run.working:9,.0f} events/s")
    beside = f"{run.starting:.1f} s to start, {run.ending:.1f} s to end"
    print(f"{'':15} {run.working:.1f} s from joining the group to the last batch; beside that {beside}")
    print(f"{'':15} µs an event by step (judge runs beside insert): {steps}")
    print(f"{'':15} audit: {audit['checked']:,} rows checked, {audit['different']} different")
    counts.show()
    if audit["different"] or audit["unsettled"] or progress.totals["rejected"]:
        sys.exit("the audit found differences, or events were rejected")
    return counts


def measure_peer(bootstrap: str, topic: str, events: int) -> Counts:
    """Runs the peer over the same topic; returns what it counted."""
    command = [sys.executable, "-m", "benchmarks.peer", bootstrap, topic, str(events)]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    print(f"  Faust Tables  {found['events']:9,} events  {found['events'] / found['seconds']:9,.0f} events/s")
    counts = Counts(found.get("received", 0), found.get("online", 0))
    counts.show()
    return counts


def main() -> None:
    """Measures single and packed messages, each with its peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=2.0, help="1 is about 300 000 events")
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    registry = load_registry()
    messages = month(registry, options.scale)
    with tempfile.TemporaryDirectory() as directory, Broker(Path(directory) / "broker") as broker:
        for packed in (False, True):
            counts = measure(broker, Path(directory), messages, packed, registry)
            if options.no_peer:
                continue
            if measure_peer(broker.bootstrap, _TOPICS[packed], len(messages)) != counts:
                sys.exit("the peer counted otherwise")


if __name__ == "__main__":
    main()
