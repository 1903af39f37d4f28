"""What `emc up` costs while little happens: processor, batches, bytes written, threads and open files.

One service, at each number of events a second that `emc simulate --live` is told to send: three minutes after
its start, for until then it compares the agencies that it took over, and half a minute after each sender's.
Processor time is the kernel's, so other work on the machine shows in it only where it makes all slower.

    python -m benchmarks.steady [--rates 0 50 500] [--seconds 120]
"""

import argparse
import contextlib
import re
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measuring import Report
from benchmarks.memory import EMC, command
from benchmarks.processor import processor

_SETTLING, _WARMING = 180.0, 30.0
"""Seconds after the service began, and after a sender began."""
_BACKGROUND = re.compile(r"MergeMutate|Bg[A-Z]|AsyncMetrics|Common|Fetch|Move").match
"""Names of the engine's own threads: merges and upkeep. Queries and inserts run in threads of Python."""


class Counts(NamedTuple):
    """What a process has used since it began: seconds of processor, batches, events, bytes; and holds now."""

    seconds: float
    python: float
    background: float
    broker: float
    batches: float
    events: float
    written: int
    threads: int
    files: int


def counts(pid: int, api: str) -> Counts:
    """Reads /proc and the metrics of a service."""
    folder = Path(f"/proc/{pid}")
    python = background = 0.0
    tasks = list((folder / "task").iterdir())
    for task in tasks:
        with contextlib.suppress(FileNotFoundError):  # the thread has ended meanwhile
            used = processor(task)
            if _BACKGROUND((task / "comm").read_text()):
                background += used
            else:
                python += used
    # what ended threads have used is in the process' sum only
    python += max(0.0, processor(folder) - python - background)
    io = dict(line.split(": ") for line in (folder / "io").read_text().splitlines())
    metrics = _metrics(f"{api}/metrics")
    return Counts(
        time.monotonic(),
        python,
        background,
        sum(processor(Path(f"/proc/{child}")) for child in _children(pid)),
        metrics["emc_worker_batches_total"],
        metrics["emc_worker_events_total"],
        int(io["write_bytes"]),
        len(tasks),
        len(list((folder / "fd").iterdir())),
    )


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def _metrics(url: str) -> dict[str, float]:
    """Sums of the metrics over their labels."""
    found: dict[str, float] = {}
    with urllib.request.urlopen(url, timeout=30) as answer:
        for line in answer.read().decode().splitlines():
            if not line.startswith("#"):
                name, value = line.partition("{")[0].split(" ")[0], line.rpartition(" ")[2]
                found[name] = found.get(name, 0.0) + float(value)
    return found


def between(rate: float, before: Counts, after: Counts) -> dict[str, Any]:
    """A line of the table: what was used from one reading to the other. Bytes are those given to the disk."""
    seconds, events = after.seconds - before.seconds, after.events - before.events

    def percent(part: str) -> float:
        """Of one core."""
        used: float = getattr(after, part) - getattr(before, part)
        return used / seconds * 100

    return {
        "events/s": rate,
        "counted/s": events / seconds,
        "Python %": percent("python"),
        "merges and upkeep %": percent("background"),
        "broker %": percent("broker"),
        "batches/s": (after.batches - before.batches) / seconds,
        "bytes written/event": (after.written - before.written) / events if events else None,
        "threads": after.threads,
        "files": after.files,
    }


@contextlib.contextmanager
def sending(directory: Path, rate: float) -> Iterator[None]:
    """`emc simulate --live` during the block; nobody sends at a rate of 0."""
    if not rate:
        yield
        return
    order = (*EMC, "simulate", "--live", "--rate", str(rate), "--data-dir", str(directory))
    sender = subprocess.Popen(order, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        sender.send_signal(signal.SIGINT)
        sender.wait(60)


def main() -> None:
    """Measures each rate in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[0, 50, 500])
    parser.add_argument("--seconds", type=float, default=120)
    options = parser.parse_args()
    report, rows = Report("steady", vars(options)), []
    with tempfile.TemporaryDirectory() as folder, command("up", "--data-dir", folder) as (pid, said):
        time.sleep(_SETTLING)
        for rate in options.rates:
            with sending(Path(folder), rate):
                time.sleep(_WARMING)
                before = counts(pid, said["api"])
                time.sleep(options.seconds)
                rows.append(between(rate, before, counts(pid, said["api"])))
    report.table("what a service costs, in percent of one core", rows)
    report.write()


if __name__ == "__main__":
    main()
