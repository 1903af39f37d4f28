"""What a torture found: faults survived by kind, with a batch under way or not, differences, memory."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.faults.workers import WorkerProcess
from tests.torture.arena import SESSION
from tests.torture.odd_senders import KINDS as ODD
from tests.torture.verdict import COUNTED, Verdict

MEMORY_LIMIT = 1536 << 20
Stop = tuple[Path, float, float]
"""The log of a worker, when it was stopped and when it was continued."""


class Struck(NamedTuple):
    """One fault: when it struck (monotonic), the log of the worker concerned, the seconds of recovery."""

    kind: str
    log: Path
    moment: float
    recovery: float | None


class Report:
    """Gathered during the torture; `is_good` and `text` in the end."""

    def __init__(self, seed: int) -> None:
        self.seed, self.sent = seed, 0
        self.odd: Counter[str] = Counter()
        self.struck: list[Struck] = []
        self.failures: list[str] = []
        self.memory: dict[str, int] = {}
        self.verdict = Verdict(0, 0, [], (), {})
        self.in_flight: Counter[str] = Counter()
        self.stops = self.late_writes = 0
        self.mended = 0

    def saw(self, process: str, size: int) -> None:
        """The greatest size of a kind of process."""
        self.memory[process] = max(self.memory.get(process, 0), size)

    def read_logs(self, workers: Iterable[WorkerProcess], stops: Sequence[Stop]) -> None:
        """Which faults struck while the worker had a batch under way, which writes came late, by the logs."""
        histories = {worker.log: History(worker) for worker in workers}
        for fault in self.struck:
            if any(start <= fault.moment <= end for start, end in histories[fault.log].spans):
                self.in_flight[fault.kind] += 1
        self.stops = len(stops)
        self.late_writes = sum(wrote_late(stop, histories) for stop in stops)
        self.mended = sum(history.mended for history in histories.values())

    def missing(self, least: int) -> list[str]:
        """Kinds of odd records of which fewer than that were sent, or counted."""
        found = self.odd + Counter(self.verdict.counted)
        return [kind for kind in (*ODD, *COUNTED) if found[kind] < least]

    def is_good(self, needed: Counter[str], least: int) -> bool:
        """Whether nothing was different, everything recovered, and all was struck and sent as planned."""
        share = self.in_flight.total() / max(1, len(self.struck))
        return (
            not self.verdict.differences
            and not self.failures
            and not self.missing(least)
            and self.verdict.events > 0
            and Counter(fault.kind for fault in self.struck) == needed
            and all(fault.recovery is not None for fault in self.struck)
            and share >= 0.8
            and self.late_writes >= self.stops // 2
            and all(size <= MEMORY_LIMIT for size in self.memory.values())
        )

    def text(self) -> str:
        """For people."""
        counted = Counter(fault.kind for fault in self.struck)
        survived = Counter(fault.kind for fault in self.struck if fault.recovery is not None)
        longest = max((fault for fault in self.struck if fault.recovery), key=lambda f: f.recovery or 0)
        share = self.in_flight.total() / max(1, len(self.struck))
        lines = [f"seed {self.seed}", "", f"{'fault':32}{'struck':>8}{'survived':>10}{'batch under way':>18}"]
        lines += [
            f"{kind:32}{number:8}{survived[kind]:10}{self.in_flight[kind]:18}"
            for kind, number in sorted(counted.items())
        ]
        lines += [
            f"{'all':32}{counted.total():8}{survived.total():10}{self.in_flight.total():18}  ({share:.0%})",
            "",
            f"events sent {self.sent:,}; accepted, with those sent on or sent twice {self.verdict.events:,}",
            f"rows compared {self.verdict.rows:,}; differences {len(self.verdict.differences)}",
            "sent beside: " + ", ".join(f"{number} {kind}" for kind, number in self.odd.items()),
            "of it counted: " + ", ".join(f"{each[1]} {each[0]}" for each in self.verdict.counted.items()),
            f"longest recovery {longest.recovery:.1f} s ({longest.kind})",
            *(f"peak memory of a {name}: {size / 2**20:,.0f} MiB" for name, size in self.memory.items()),
            f"stopped workers that wrote late, proven by their logs: {self.late_writes} of {self.stops}",
            f"comparisons that found a late write and mended it: {self.mended}",
            *(f"FAILED {failure}" for failure in self.failures),
            *(f"DIFFERENT {each}" for each in self.verdict.differences[:20]),
        ]
        return "\n".join(lines)


class History:
    """What one worker's log tells: begin and end of its batches, when it wrote, how often it mended."""

    def __init__(self, worker: WorkerProcess) -> None:
        self.spans: list[tuple[float, float]] = []
        self.written: list[float] = []
        self.mended = 0
        begun: float | None = None
        for line in worker.logged():
            moment, message = line["monotonic"], line["message"]
            if message == "batch begins":
                begun = moment
            elif message in ("batch ends", "batch failed", "batch abandoned") and begun is not None:
                self.spans.append((begun, moment))
                begun = None
            elif message == "written":
                self.written.append(moment)
            elif message in ("late writes mended", "another owner wrote"):
                self.mended += 1
        if begun is not None:
            self.spans.append((begun, float("inf")))


def wrote_late(stop: Stop, histories: dict[Path, History]) -> bool:
    """Whether the stopped worker wrote rows of a batch that it had begun before, after others had gone on."""
    log, stopped, continued = stop
    mine = histories[log]
    late = [
        moment
        for start, end in mine.spans
        for moment in mine.written
        if start <= stopped + 0.1 and end > continued and continued <= moment <= end
    ]
    others = (history for other, history in histories.items() if other != log)
    went_on = any(stopped + SESSION <= end <= continued for each in others for _, end in each.spans)
    return bool(late) and went_on
