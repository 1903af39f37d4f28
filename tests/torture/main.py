"""`make torture`: seeded random faults for at most an hour, then an independent count of every number.

    python -m tests.torture.main [--minutes 45] [--faults 210] [--events 2000000] [--seed N] [--workers 3]

Exits with 0 when nothing is different, every kind of fault struck as often as it should, and no process grew
beyond 1.5 GiB.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.torture.arena import PARTITIONS, TOPIC, Arena, peak_memory
from tests.torture.kinds import KINDS
from tests.torture.load import Load
from tests.torture.report import Report, Struck
from tests.torture.verdict import judge

SETTLE_SECONDS = 900.0
QUIET_SECONDS = 135.0
"""After the last fault: as long as a taken over agency is compared with what former owners wrote late."""


def torture(options: argparse.Namespace, folder: Path) -> Report:
    """One whole torture; the report tells what came of it."""
    random = Random(options.seed)
    report = Report(options.seed)
    with Arena(folder, options.brokers, random) as arena:
        for number in range(options.workers):
            arena.start_worker(f"w{number}")
        load = Load(arena.bootstrap, TOPIC, options.events, options.minutes * 60, options.seed)
        load.start()
        strike_all(arena, plan(options, random), load, options.minutes * 60, report)
        load.join()
        if load.failure is not None:
            raise load.failure
        settle(arena, report)
        time.sleep(options.quiet)
        settle(arena, report)
        for name in list(arena.workers):
            code = arena.workers[name].stop()
            if code:
                report.failures.append(f"a worker ended with {code}")
            arena.forget(name)
        report.read_logs(arena.all_workers(), arena.stops)
        report.sent = load.sent
        report.verdict = judge(arena.url, arena.bootstrap, TOPIC, PARTITIONS, arena.partitions)
    return report


def plan(options: argparse.Namespace, random: Random) -> list[str]:
    """The kinds in the order in which they strike: each as often as the others, shuffled."""
    kinds = [kind for kind in KINDS if kind != "broker killed" or options.brokers > 1]
    found = [kinds[place % len(kinds)] for place in range(options.faults)]
    random.shuffle(found)
    return found


def strike_all(arena: Arena, kinds: list[str], load: Load, seconds: float, report: Report) -> None:
    """One fault after the other, each when a batch is under way, evenly over the time."""
    started = time.monotonic()
    for number, kind in enumerate(kinds):
        wait = number * seconds / len(kinds) - (time.monotonic() - started)
        if wait > 0:
            time.sleep(wait)
        arena.revive()
        victim = arena.random.choice(sorted(arena.workers))
        arena.wait_for_batch(arena.workers[victim], 4.0)
        before, log = arena.committed(), arena.workers[victim].log
        moment = time.monotonic()
        try:
            KINDS[kind](arena, victim)
        except Exception as error:
            report.failures.append(f"{kind}: {type(error).__name__}: {error}")
        arena.revive()
        recovered = wait_for_progress(arena, before, 120)
        report.struck.append(Struck(kind, log, moment, time.monotonic() - moment if recovered else None))
        sample_memory(arena, report)
        print(
            json.dumps(
                {
                    "fault": number + 1,
                    "kind": kind,
                    "victim": victim,
                    "seconds": round(time.monotonic() - moment, 1),
                    "recovered": recovered,
                    "sent": load.sent,
                }
            ),
            flush=True,
        )


def wait_for_progress(arena: Arena, before: int | None, patience: float) -> bool:
    """Whether more is committed than before the fault, or there is nothing to commit."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        now = arena.committed()
        if now is not None and (before is None or now > before or arena.lag() == 0):
            return True
        time.sleep(0.2)
    return False


def settle(arena: Arena, report: Report) -> None:
    """Waits until everything is committed."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while arena.lag() != 0:
        arena.revive()
        sample_memory(arena, report)
        if time.monotonic() > deadline:
            report.failures.append(f"lag {arena.lag()} after {SETTLE_SECONDS:.0f} s")
            return
        time.sleep(1)


def sample_memory(arena: Arena, report: Report) -> None:
    """Looks at the greatest size of each process."""
    report.saw("worker", max((peak_memory(worker.pid) for worker in arena.workers.values()), default=0))
    report.saw("ClickHouse (in its front)", peak_memory(arena.front.pid))
    report.saw("broker", max(peak_memory(b.pid) for b in arena.cluster.brokers if b.running))


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options; the seed is drawn when it is not given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=45.0, help="in which faults strike and events flow")
    parser.add_argument("--faults", type=int, default=13 * 16, help="how many")
    parser.add_argument("--events", type=int, default=2_100_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=3)
    parser.add_argument("--quiet", type=float, default=QUIET_SECONDS, help="seconds after the last fault")
    options = parser.parse_args(arguments)
    if options.minutes > 60:
        parser.error("--minutes: at most 60")
    if options.seed is None:
        options.seed = int.from_bytes(os.urandom(4), "big")
    return options


def main() -> int:
    """Runs, prints the report, tells by the exit code whether all is well."""
    options = parse(sys.argv[1:])
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="emc-torture-") as folder:
        report = torture(options, Path(folder))
    print(report.text(), flush=True)
    needed = Counter(plan(options, Random(options.seed)))
    return 0 if report.is_good(needed) else 1


if __name__ == "__main__":
    sys.exit(main())
