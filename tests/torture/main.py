"""`make torture`: seeded random faults for most of an hour, then an independent count of every number.

    python -m tests.torture.main [--minutes 48] [--faults 200] [--events 2100000] [--seed N] [--workers 3]

Exits with 0 when nothing is different, every kind of fault struck as often as it should, and no process grew
beyond 1.5 GiB.
"""

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.torture.arena import TOPIC, Arena
from tests.torture.kinds import KINDS, ONE_OF_THREE
from tests.torture.load import Load
from tests.torture.memory import Watch
from tests.torture.odd_senders import OddSenders
from tests.torture.report import Report, Struck
from tests.torture.verdict import judge

SETTLE_SECONDS = 600.0
QUIET_SECONDS = 135.0
"""After the last fault: as long as a taken over agency is compared with what former owners wrote late."""
RECOVERY_SECONDS = 120.0
LATE_MINUTES = 30.0
"""How long after `--minutes` the last fault may strike, when recoveries took longer than planned."""


def torture(options: argparse.Namespace, folder: Path) -> Report:
    """One whole torture; the report tells what came of it."""
    random = Random(options.seed)
    report = Report(options.seed)
    with Arena(folder, options.brokers, random) as arena, Watch(arena, report):
        for number in range(options.workers):
            arena.start_worker(f"w{number}")
        load = Load(arena.bootstrap, TOPIC, options.events, options.minutes * 60, options.seed)
        arena.load = load
        load.start()
        arena.odd = OddSenders(arena.bootstrap, TOPIC, lambda: arena.partitions, options.seed)
        arena.odd.start()
        strike_all(arena, plan(options, random), load, options.minutes * 60, report)
        load.allowed = math.inf
        load.join()
        arena.odd.end()
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
        report.sent, report.odd = load.sent, arena.odd.sent
        arena.keep_topic()
        say(after="the faults", counted_in_flight=report.in_flight.total())
        report.verdict = judge(arena.url, arena.topics)
    return report


def plan(options: argparse.Namespace, random: Random) -> list[str]:
    """The kinds in the order in which they strike: each as often as the others, shuffled."""
    kinds = [kind for kind in options.kinds or KINDS if kind != ONE_OF_THREE or options.brokers > 1]
    found = [kinds[place % len(kinds)] for place in range(options.faults)]
    random.shuffle(found)
    return found


def strike_all(arena: Arena, kinds: list[str], load: Load, seconds: float, report: Report) -> None:
    """One fault after the other, each when a batch is under way, evenly over the time."""
    started = time.monotonic()
    for number, kind in enumerate(kinds):
        passed = time.monotonic() - started
        if passed > seconds + LATE_MINUTES * 60:
            report.failures.append(f"no time for the last {len(kinds) - number} faults")
            return
        time.sleep(max(0.0, number * seconds / len(kinds) - passed))
        load.allowed = (number + 1) / len(kinds)
        fault = strike(arena, kind, report)
        report.struck.append(fault)
        say(fault=number + 1, kind=kind, recovery=fault.recovery, log=fault.log.name, sent=load.sent)


def strike(arena: Arena, kind: str, report: Report) -> Struck:
    """One fault; recovered is all when what had been sent until it was over is committed."""
    arena.revive()
    arena.wait_until_events_flow(30)
    victim = arena.random.choice(sorted(arena.workers))
    log = arena.workers[victim].log
    arena.wait_for_batch(arena.workers[victim], 4.0)
    moment = time.monotonic()
    try:
        KINDS[kind](arena, victim)
    except Exception as error:
        report.failures.append(f"{kind}: {type(error).__name__}: {error}")
        say(failed=kind, error=repr(error))
    arena.revive()
    recovered = wait_for_recovery(arena, RECOVERY_SECONDS)
    return Struck(kind, log, moment, round(time.monotonic() - moment, 1) if recovered else None)


def wait_for_recovery(arena: Arena, patience: float) -> bool:
    """Whether everything that is in the topic now is committed in time."""
    deadline = time.monotonic() + patience
    ends: dict[int, int] | None = None
    while time.monotonic() < deadline:
        ends = ends or arena.ends()
        committed = arena.committed()
        if ends and committed is not None and all(committed.get(n, 0) >= end for n, end in ends.items()):
            return True
        arena.revive()  # as a supervisor does: a worker ends when a stranger keeps it out for half a minute
        time.sleep(0.2)
    return False


def settle(arena: Arena, report: Report) -> None:
    """Waits until everything is committed."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while arena.undecided() != {} or arena.lag() != 0:
        arena.revive()
        if time.monotonic() > deadline:
            report.failures.append(f"lag {arena.lag()} after {SETTLE_SECONDS:.0f} s")
            return
        time.sleep(1)


def least_of_each(options: argparse.Namespace) -> int:
    """How many of each kind of odd record must have been acknowledged, and have been counted."""
    return max(1, int(options.minutes))


def say(**facts: object) -> None:
    """One line of JSON about what goes on."""
    print(json.dumps(facts), flush=True)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options; the seed is drawn when it is not given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=48.0, help="while faults strike")
    parser.add_argument("--faults", type=int, default=10 * len(KINDS), help="how many")
    parser.add_argument("--events", type=int, default=2_100_000)
    parser.add_argument("--kinds", action="append", choices=KINDS, help="only these; may be repeated")
    parser.add_argument(
        "--folder", type=Path, default=None, help="where all is kept; else it is removed when all was well"
    )
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=3)
    parser.add_argument("--quiet", type=float, default=QUIET_SECONDS, help="seconds after the last fault")
    options = parser.parse_args(arguments)
    if options.minutes > 120:
        parser.error("--minutes: at most 120")
    if options.seed is None:
        options.seed = int.from_bytes(os.urandom(4), "big")
    return options


def main() -> int:
    """Runs, prints the report, tells by the exit code whether all is well."""
    options = parse(sys.argv[1:])
    if options.folder is None:
        folder = Path(tempfile.mkdtemp(prefix="emc-torture-"))
    else:
        folder = options.folder
        folder.mkdir(parents=True)
    print(f"seed {options.seed}, in {folder}", flush=True)
    report = torture(options, folder)
    print(report.text(), flush=True)
    is_good = report.is_good(Counter(plan(options, Random(options.seed))), least_of_each(options))
    if is_good and options.folder is None:
        shutil.rmtree(folder)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
