"""Memory that is flat in the backlog: what a worker holds while it works off millions of events.

Every run is a process of its own, as users start it: `emc worker` with ClickHouse behind its HTTP interface,
`emc up` with the engine inside, each over the same pre-filled topic in three packings; and `emc up` at 50
events a second. Prints a table, writes it as JSON with a plot, and fails above the limits.

    python -m benchmarks.memory [--events 6000000] [--partitions 12] [--packing singles …]
                                [--run worker up trickle] [--minutes 60] [--output build/memory]
"""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaAdminClient

from benchmarks.load import PACKINGS
from benchmarks.resident import MIB, Course, plot, watch
from cli.runtime.data_directory import LOCK
from deploy.broker import Broker
from deploy.topics import ensure_topics
from streams.reading.topic import TopicReader
from tests.engine import Front

EMC = (sys.executable, "-m", "cli.main")
"""The command, as a user starts it."""
_TOPIC, _GROUP = "emc.events", "emc"
_FIRST = 2_000_000
LIMITS = {"worker": 1024 * MIB, "up": 1600 * MIB, "trickle": 700 * MIB}
"""Bytes resident. The limits of docker-compose.yml are a quarter above."""
_GROWTH = 1.15
"""Peak over all events to peak over the first two million."""
_DRIFT = 1.03
"""Mean of the last quarter to mean of the third: flat, but for what a sample differs from another."""
_RATE = 50


@contextlib.contextmanager
def command(*arguments: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """A command of `emc` in a process of its own: its id, and the line that it printed when ready."""
    process = subprocess.Popen([*EMC, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.pid, json.loads(process.stdout.readline() or "{}")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def filled(directory: Path, packing: str, events: int, partitions: int) -> int:
    """A broker's directory with a full topic; returns the number of events in it."""
    with Broker(directory) as broker:
        ensure_topics(broker.bootstrap, partitions=partitions)
        order = [sys.executable, "-m", "benchmarks.load", broker.bootstrap, _TOPIC, packing, str(events)]
        return int(subprocess.run(order, check=True, stdout=subprocess.PIPE).stdout)


def backlog(name: str, pid: int, bootstrap: str, events: int) -> Course:
    """Watches a process until the topic is worked off."""
    topic = TopicReader(bootstrap, _TOPIC, _GROUP)
    messages = sum(topic.ends().values())
    try:
        return watch(
            name,
            pid,
            lambda: events - round(topic.lag() / messages * events),
            lambda sample: sample.events >= events,
        )
    finally:
        topic.close()


def run_worker(directory: Path, packing: str, events: int) -> Course:
    """`emc worker` on the engine in a process of its own."""
    with Broker(directory) as broker, Front(directory / "engine") as front:
        arguments = ("--kafka", broker.bootstrap, "--clickhouse", front.url("emc"))
        with command("worker", *arguments, "--data-dir", directory / "cache") as (pid, _):
            return backlog(f"worker, {packing}", pid, broker.bootstrap, events)


def forget(directory: Path) -> None:
    """Deletes the group in a broker's directory, so that the whole topic is lag again."""
    with Broker(directory) as broker, KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        for _ in range(60):
            if admin.delete_groups([_GROUP])[_GROUP] == "OK":
                return
            time.sleep(1)  # just started, not loaded yet
    sys.exit("the broker does not forget the group")


def run_up(directory: Path, packing: str, events: int) -> Course:
    """`emc up` over a topic that nobody has read, beside what the worker before it has left."""
    (directory / LOCK).touch()  # it is meant, whatever else is in there
    with command("up", "--data-dir", directory) as (pid, said):
        return backlog(f"up, {packing}", pid, said["kafka"], events)


def run_trickle(directory: Path, minutes: float) -> Course:
    """`emc up` while `emc simulate --live` sends."""
    with command("up", "--data-dir", directory) as (pid, said):
        order = (*EMC, "simulate", "--live", "--rate", str(_RATE), "--data-dir", str(directory))
        sender = subprocess.Popen(order, stdout=subprocess.DEVNULL)
        topic = TopicReader(said["kafka"], _TOPIC, _GROUP)
        try:
            done = partial(_committed, topic)
            return watch("up, 50 events/s", pid, done, lambda sample: sample.seconds >= minutes * 60)
        finally:
            topic.close()
            sender.send_signal(signal.SIGINT)
            sender.wait(60)


def _committed(topic: TopicReader) -> int:
    return sum(topic.ends().values()) - topic.lag()


def faults(kind: str, course: Course) -> list[str]:
    """What is above its limit, in words."""
    found, limit = [], LIMITS[kind]
    if course.peak >= limit:
        found.append(f"peak {course.peak // MIB} MiB, limit {limit // MIB}")
    if kind != "trickle":
        growth = course.peak / max(course.peak_within(_FIRST), 1)
        if course.samples[-1].events > 2 * _FIRST and growth > _GROWTH:
            found.append(f"peak {growth:.2f} times the peak over {_FIRST:,} events, limit {_GROWTH}")
    elif course.mean(0.75, 1) > _DRIFT * course.mean(0.5, 0.75):
        found.append(f"last quarter {course.mean(0.75, 1) / course.mean(0.5, 0.75):.3f} of the third")
    return found


def show(kind: str, course: Course) -> bool:
    """Prints a row of the table; true when all is within the limits."""
    last, first = course.samples[-1], course.peak_within(_FIRST)
    found = faults(kind, course)
    numbers = f"{last.events:10,} {last.seconds:7.0f} s {first // MIB:6} {course.peak // MIB:6} "
    print(f"{course.name:25} {numbers} {last.resident // MIB:6}   {'; '.join(found) or 'ok'}", flush=True)
    return not found


def keep(kind: str, courses: list[Course], output: Path) -> None:
    """Writes the samples as JSON and as a plot."""
    (output / f"{kind}.json").write_bytes(msgspec.json.encode(courses))
    plot(courses, LIMITS[kind], f"Resident memory: emc {kind}", output / f"{kind}.png")


def main() -> None:
    """Runs what was asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=6_000_000)
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--packing", nargs="+", choices=PACKINGS, default=list(PACKINGS))
    parser.add_argument("--run", nargs="+", choices=LIMITS, default=list(LIMITS))
    parser.add_argument("--minutes", type=float, default=60, help="of the trickle")
    parser.add_argument("--output", type=Path, default=Path("build/memory"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    header = f"{'events':>10} {'time':>9} {'2 M':>6} {'peak':>6}  {'end':>6}   MiB resident"
    print(f"{'':25} {header}", flush=True)
    courses: dict[str, list[Course]] = {kind: [] for kind in options.run}
    good = True
    for packing in options.packing if {"worker", "up"} & courses.keys() else ():
        with tempfile.TemporaryDirectory() as directory:
            events = filled(Path(directory), packing, options.events, options.partitions)
            for kind, run in (("worker", run_worker), ("up", run_up)):
                if kind in courses:
                    if kind == "up" and "worker" in courses:
                        forget(Path(directory))
                    courses[kind].append(run(Path(directory), packing, events))
                    good &= show(kind, courses[kind][-1])
    if "trickle" in courses:
        with tempfile.TemporaryDirectory() as directory:
            courses["trickle"].append(run_trickle(Path(directory), options.minutes))
            good &= show("trickle", courses["trickle"][-1])
    for kind, each in courses.items():
        keep(kind, each, options.output)
    sys.exit(0 if good else "above the limits")


if __name__ == "__main__":
    main()
