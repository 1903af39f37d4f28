"""How throughput and reading grow with size: three sizes a decade apart, and the exponent fitted to them.

An exponent of 1 of a backlog's time is as many events a second at every size; one of 0 of a question is the
same answer time whatever the tables hold. Three points tell a trend, not a law.

    python -m benchmarks.growth [--events 10000 100000 1000000] [--dossiers 10000 100000 1000000]
"""

import argparse
import math
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.load import PACKINGS, fill, month
from benchmarks.measuring import Report, run_module
from benchmarks.worker_run import WorkerRun
from deploy.broker import Broker
from deploy.topics import ensure_topics
from emc.registry import load_registry

_AT_SCALE_1 = 310_000
Points = list[tuple[float, float]]


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the straight line through the logarithms: y grows as x to this power."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    middle_x, middle_y = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    moved = sum((x - middle_x) * (y - middle_y) for x, y in logs)
    return float(moved / sum((x - middle_x) ** 2 for x, _ in logs))


def backlog(events: int) -> WorkerRun:
    """A worker over about so many single events."""
    with tempfile.TemporaryDirectory() as name, Broker(Path(name) / "broker") as broker:
        topic = ensure_topics(broker.bootstrap)[0].name
        fill(broker.bootstrap, topic, month(load_registry(), events / _AT_SCALE_1), PACKINGS["singles"])
        told = run_module("benchmarks.worker_run", broker.bootstrap, topic, "growth", Path(name) / "worker")
        return msgspec.convert(told, WorkerRun)


def reads(dossiers: int, times: int) -> dict[str, float]:
    """The middle of each question's milliseconds over tables of so many dossiers, by its name."""
    with tempfile.TemporaryDirectory() as name:
        order = [sys.executable, "-m", "benchmarks.reads", "--dossiers", str(dossiers), "--times", str(times)]
        subprocess.run([*order, "--output", name], check=True, stdout=subprocess.DEVNULL)
        told = msgspec.json.decode((Path(name) / "reads.json").read_bytes())
    return {row["question"]: row["p50 ms"] for row in told["tables"]["what reading costs"]}


def main() -> None:
    """Measures each size once, the smallest first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--dossiers", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--times", type=int, default=10, help="each question")
    options = parser.parse_args()
    report = Report("growth", vars(options))
    curves: dict[str, Points] = {}
    for events in options.events:
        run = backlog(events)
        curves.setdefault("a backlog, ms", []).append((run.events, run.seconds * 1000))
    for dossiers in options.dossiers:
        for name, middle in reads(dossiers, options.times).items():
            curves.setdefault(name, []).append((dossiers, middle))
    table = [
        {
            "what": name,
            **{f"ms at size {at + 1}": y for at, (_, y) in enumerate(points)},
            "exponent": exponent(points),
        }
        for name, points in curves.items()
    ]
    report.table("growth", table)
    report.write()
    report.plot(curves, "events or dossiers", "ms", log=True)


if __name__ == "__main__":
    main()
