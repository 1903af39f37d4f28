"""What `emc up` costs while little happens: processor, batches, bytes written, threads and open files.

One service, at each number of events a second that `emc simulate --live` is told to send, after half a
minute of warming up. Processor time is the kernel's, so other work on the machine hardly shows in it.

    python -m benchmarks.steady [--rates 0 50 500] [--seconds 120] [--output build/steady.json]
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
from typing import NamedTuple

import msgspec

from benchmarks.memory import EMC, command
from benchmarks.processor import processor

_WARMING = 30.0
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


class Row(msgspec.Struct):
    """One line of the table. Shares are of one core; bytes are those given to the disk, by an event."""

    rate: float
    events: float
    python: float
    background: float
    broker: float
    batches: float
    written: float | None
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


def between(rate: float, before: Counts, after: Counts) -> Row:
    """What was used from one reading to the other."""
    seconds = after.seconds - before.seconds
    events = after.events - before.events
    return Row(
        rate,
        events / seconds,
        (after.python - before.python) / seconds,
        (after.background - before.background) / seconds,
        (after.broker - before.broker) / seconds,
        (after.batches - before.batches) / seconds,
        (after.written - before.written) / events if events else None,
        after.threads,
        after.files,
    )


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


def show(row: Row) -> None:
    """Prints one line of the table."""
    written = "–" if row.written is None else f"{row.written:,.0f}"
    print(
        f"{row.rate:8g} {row.events:8.1f} {row.python:9.1%} {row.background:11.1%} {row.broker:9.1%} "
        f"{row.batches:9.2f} {written:>12} {row.threads:8} {row.files:6}",
        flush=True,
    )


def main() -> None:
    """Measures each rate in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[0, 50, 500])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--output", type=Path, default=Path("build/steady.json"))
    options = parser.parse_args()
    print("events/s   counted    python  background    broker batches/s  bytes/event  threads  files")
    rows = []
    with tempfile.TemporaryDirectory() as folder, command("up", "--data-dir", folder) as (pid, said):
        for rate in options.rates:
            with sending(Path(folder), rate):
                time.sleep(_WARMING)
                before = counts(pid, said["api"])
                time.sleep(options.seconds)
                rows.append(between(rate, before, counts(pid, said["api"])))
            show(rows[-1])
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_bytes(msgspec.json.encode(rows))


if __name__ == "__main__":
    main()
