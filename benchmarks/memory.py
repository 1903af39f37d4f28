"""Memory that is flat in the backlog: what a worker holds while it works off millions of events.

Every run is a process of its own, as users start it: `emc worker` with ClickHouse behind its HTTP interface,
`emc up` with the engine inside, each over the same pre-filled topic in three packings; and `emc up` at 50
events a second. Beside the table, the samples of each run are kept with a plot; fails above the limits.

    python -m benchmarks.memory [--events 6000000] [--partitions 12] [--packing singles …]
                                [--run worker up trickle] [--minutes 60]
"""

import argparse
import contextlib
import json
import math
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
from benchmarks.measuring import OUTPUT, Report
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
"""Of a worker: its peak over all events to that over the first two million. Of `emc up`: what nine of ten
samples held, for merges of the engine take a third of a gibibyte for seconds, sooner or later.
"""
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
        process.wait(300)  # a batch under way ends first, on a machine that may be busy


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


def forget(bootstrap: str) -> None:
    """Deletes the group, which nobody is in, so that the whole topic is lag again."""
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
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
        growth = growth_of(kind, course)
        if course.samples[-1].events > 2 * _FIRST and growth > _GROWTH:
            found.append(f"{growth:.2f} times what it held over {_FIRST:,} events, limit {_GROWTH}")
    elif course.mean(0.75, 1) > _DRIFT * course.mean(0.5, 0.75):
        found.append(f"last quarter {course.mean(0.75, 1) / course.mean(0.5, 0.75):.3f} of the third")
    return found


def growth_of(kind: str, course: Course) -> float:
    """What was held over all events to what was over the first two million."""
    if kind == "worker":
        return course.peak / max(course.peak_within(_FIRST), 1)
    return course.mostly_within(math.inf) / max(course.mostly_within(_FIRST), 1)


def line(kind: str, course: Course) -> dict[str, Any]:
    """A line of the table; `above`: what is above its limit, in words, None when nothing is."""
    last = course.samples[-1]
    return {
        "run": course.name,
        "events": last.events,
        "seconds": last.seconds,
        "peak over 2 M, MiB": course.peak_within(_FIRST) / MIB,
        "peak, MiB": course.peak / MIB,
        "growth": growth_of(kind, course),
        "end, MiB": last.resident / MIB,
        "above": "; ".join(faults(kind, course)) or None,
    }


def keep(kind: str, courses: list[Course]) -> None:
    """Writes the samples as JSON and as a plot, beside the table's."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / f"memory-{kind}.json").write_bytes(msgspec.json.encode(courses))
    plot(courses, LIMITS[kind], f"Resident memory: emc {kind}", OUTPUT / f"memory-{kind}.png")


def main() -> None:
    """Runs what was asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=6_000_000)
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--packing", nargs="+", choices=PACKINGS, default=list(PACKINGS))
    parser.add_argument("--run", nargs="+", choices=LIMITS, default=list(LIMITS))
    parser.add_argument("--minutes", type=float, default=60, help="of the trickle")
    options = parser.parse_args()
    report = Report("memory", vars(options))
    courses: dict[str, list[Course]] = {kind: [] for kind in options.run}
    for packing in options.packing if {"worker", "up"} & courses.keys() else ():
        with tempfile.TemporaryDirectory() as directory:
            events = filled(Path(directory), packing, options.events, options.partitions)
            for kind, run in (("worker", run_worker), ("up", run_up)):
                if kind in courses:
                    if kind == "up" and "worker" in courses:
                        with Broker(Path(directory)) as broker:
                            forget(broker.bootstrap)
                    courses[kind].append(ended(run(Path(directory), packing, events)))
    if "trickle" in courses:
        with tempfile.TemporaryDirectory() as directory:
            courses["trickle"].append(ended(run_trickle(Path(directory), options.minutes)))
    rows = [line(kind, course) for kind, each in courses.items() for course in each]
    for kind, each in courses.items():
        keep(kind, each)
    report.table("resident memory", rows)
    report.write()
    sys.exit("above the limits" if any(row["above"] for row in rows) else 0)


def ended(course: Course) -> Course:
    """The course, told of at once: the table comes hours later."""
    print(f"  {course.name}: at most {course.peak // MIB} MiB", file=sys.stderr, flush=True)
    return course


if __name__ == "__main__":
    main()
