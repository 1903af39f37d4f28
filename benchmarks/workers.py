"""What more workers bring on one machine: `emc worker --processes N` over a full topic.

Every run is of processes as users start them, on tables that are empty; broker, engine (behind HTTP) and
workers share the machine. Timed is the middle of the way, from a quarter to nine tenths of the messages:
workers that join late take partitions from the first, which then begins anew. Afterwards the audit must find
no difference.

    python -m benchmarks.workers [--events 1500000] [--processes 1 2] [--packing singles …] [--rounds 3]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.load import PACKINGS
from benchmarks.measuring import Report, Spread, ratios, repeated
from benchmarks.memory import EMC, command, filled, forget
from deploy.broker import Broker
from streams.reading.topic import TopicReader
from tests.engine import Front

_TOPIC, _GROUP = "emc.events", "emc"
_FROM, _TO = 0.25, 0.9


def run(bootstrap: str, folder: Path, events: int, processes: int) -> float:
    """Events a second of so many workers on empty tables."""
    with tempfile.TemporaryDirectory(dir=folder) as own, Front(Path(own) / "engine") as front:
        where = ("--kafka", bootstrap, "--clickhouse", front.url("emc"))
        kept = ("--data-dir", Path(own) / "cache", "--log-level", "WARNING", "--processes", processes)
        with command("worker", *where, *kept):
            speed = _watched(bootstrap, events)
        forget(bootstrap)
        audit = (*EMC, "audit", "--json", *where[2:])
        found = json.loads(subprocess.run(audit, check=True, stdout=subprocess.PIPE).stdout)
    if found["different"] or not found["checked"]:
        sys.exit(f"{processes} workers: the audit found {found['different']} differences")
    return speed


def _watched(bootstrap: str, events: int) -> float:
    topic = TopicReader(bootstrap, _TOPIC, _GROUP)
    try:
        messages, at = sum(topic.ends().values()), dict[float, tuple[float, float]]()
        while lag := topic.lag():
            done = 1 - lag / messages
            for bound in (_FROM, _TO):
                if done >= bound:
                    at.setdefault(bound, (time.monotonic(), done))
            time.sleep(0.2)
    finally:
        topic.close()
    if _TO not in at:
        sys.exit("the topic was worked off before it could be watched: ask for more --events")
    (begin, first), (end, last) = at[_FROM], at[_TO]
    return (last - first) * events / (end - begin)


def main() -> None:
    """Runs each number of workers in turn, so many rounds, over each packing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=1_500_000)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--packing", nargs="+", choices=PACKINGS, default=["singles", "packs of 100"])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    report, rows = Report("workers", vars(options)), []
    for packing in options.packing:
        with tempfile.TemporaryDirectory() as directory:
            folder = Path(directory)
            events = filled(folder, packing, options.events, 12)
            with Broker(folder) as broker:
                runs = {
                    str(number): partial(run, broker.bootstrap, folder, events, number)
                    for number in options.processes
                }
                found = repeated(options.rounds, runs)
        one = found[str(options.processes[0])]
        rows += [
            {
                "packing": packing,
                "workers": number,
                "events/s": Spread.of(speeds),
                "× the first": ratios(speeds, one),
            }
            for number, speeds in found.items()
        ]
    report.table("events a second of workers on one machine", rows)
    report.write()


if __name__ == "__main__":
    main()
