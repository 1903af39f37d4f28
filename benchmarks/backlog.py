"""A nation's month as one backlog: `emc worker` with ClickHouse in a process of its own, time and memory.

The month with every dossier in so many copies (`benchmarks.nation`): 93 are 5.1 million dossiers and
29 million events, some hours with the filling. Afterwards every event must be in the tables, and with --audit
an audit over HTTP finds no difference.

    python -m benchmarks.backlog [--scale 1] [--copies 2] [--packing singles "packs of 100"] [--audit]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.load import PACKINGS, countable, fill
from benchmarks.measuring import Report, run_module
from benchmarks.memory import backlog, command
from benchmarks.nation import COPIES, nation
from benchmarks.resident import MIB, Course
from benchmarks.worker_run import audited
from deploy.broker import Broker
from deploy.topics import EVENTS, ensure_topics
from emc.registry import load_registry
from producers.simulator import Message
from sinks.clickhouse.database import Database
from tests.engine import Front

_HEARTBEAT = b'"type":"vn.emc.heartbeat.v1"'


def load(bootstrap: str, scale: float, copies: int, packing: str) -> dict[str, int]:
    """Fills the topic; the number of events, and of those that the table `events` keeps."""
    kept = 0

    def counted() -> Iterator[Message]:
        nonlocal kept
        for message in nation(countable(load_registry(), scale), copies):
            kept += _HEARTBEAT not in (message.value or b"")
            yield message

    return {"events": fill(bootstrap, EVENTS, counted(), PACKINGS[packing]), "kept": kept}


def check(db: Database, kept: int, is_audited: bool) -> None:
    """SystemExit unless every event that is kept is there, once, and the audit agrees."""
    found, rejected = (
        db.query(f"SELECT count() FROM {table} FINAL")[0][0] for table in ("events", "rejections")
    )
    if (found, rejected) != (kept, 0):
        sys.exit(f"{found} events are in the tables, {rejected} refused, expected {kept} and 0")
    if is_audited and (wrong := audited(db, load_registry())):
        sys.exit("; ".join(wrong))


def run(folder: Path, scale: float, copies: int, packing: str, is_audited: bool) -> tuple[int, Course]:
    """One backlog from its first event to its last: how many events, and the worker's course."""
    with Broker(folder / "broker") as broker, Front(folder / "engine") as front:
        ensure_topics(broker.bootstrap)
        filled = run_module("benchmarks.backlog", "--fill", broker.bootstrap, scale, copies, packing)
        events: int = filled["events"]
        arguments = ("--kafka", broker.bootstrap, "--clickhouse", front.url("emc"))
        with command("worker", *arguments, "--data-dir", folder / "cache") as (pid, _):
            course = backlog(packing, pid, broker.bootstrap, events)
        with Database(front.url("emc")) as db:
            check(db, filled["kept"], is_audited)
    return events, course


def row(packing: str, events: int, course: Course) -> dict[str, Any]:
    """A line of the table. `flat`: mean memory of the last quarter to that of the second."""
    seconds = course.samples[-1].seconds
    return {
        "messages": packing,
        "events": events,
        "seconds": seconds,
        "events/s": events / seconds,
        "peak MiB": course.peak / MIB,
        "end MiB": course.samples[-1].resident / MIB,
        "last quarter to second": course.mean(0.75, 1) / course.mean(0.25, 0.5),
    }


def main() -> None:
    """Measures each packing in turn, or (--fill) fills a topic and prints what is in it."""
    if sys.argv[1:2] == ["--fill"]:
        bootstrap, scale, copies, packing = sys.argv[2:]
        print(json.dumps(load(bootstrap, float(scale), int(copies), packing)), flush=True)
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--copies", type=int, default=2, help=f"{COPIES} are a nation")
    parser.add_argument("--packing", nargs="+", choices=PACKINGS, default=["singles", "packs of 100"])
    parser.add_argument("--audit", action="store_true")
    options = parser.parse_args()
    report, rows, curves = Report("backlog", vars(options)), [], {}
    for packing in options.packing:
        with tempfile.TemporaryDirectory() as folder:
            events, course = run(Path(folder), options.scale, options.copies, packing, options.audit)
        rows.append(row(packing, events, course))
        curves[packing] = [(sample.seconds, sample.resident / MIB) for sample in course.samples]
    report.table("a backlog", rows)
    report.write()
    report.plot(curves, "seconds", "resident, MiB")


if __name__ == "__main__":
    main()
