"""What a process holds of memory while it works: samples, tables and a plot of them."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.measuring import quantile

MIB = 1024 * 1024
_EVERY = 1.0


class Sample(NamedTuple):
    """`seconds` since the process began to work; resident now and at most until now, bytes; events done."""

    seconds: float
    resident: int
    peak: int
    events: int


class Course(msgspec.Struct):
    """One process from its start to its end."""

    name: str
    samples: list[Sample]

    @property
    def peak(self) -> int:
        """The most that was resident, bytes."""
        return max(sample.peak for sample in self.samples)

    def peak_within(self, events: int) -> int:
        """The most that was resident while the first so many events were worked off."""
        return max((sample.peak for sample in self.samples if sample.events <= events), default=0)

    def mostly_within(self, events: float) -> float:
        """What at most was resident at nine of ten samples while the first so many events were worked off."""
        found = sorted(sample.resident for sample in self.samples if sample.events <= events)
        return quantile(found, 0.9) if found else 0

    def mean(self, since: float, until: float) -> float:
        """Mean of what was resident between two shares of the whole time."""
        end = self.samples[-1].seconds
        found = [each.resident for each in self.samples if since * end <= each.seconds <= until * end]
        return sum(found) / max(len(found), 1)


def memory_of(pid: int) -> tuple[int, int]:
    """Resident now and at most until now, bytes; ProcessLookupError when it has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        raise ProcessLookupError(pid) from None
    fields = dict(line.split(":", 1) for line in text.splitlines())
    if "VmRSS" not in fields:
        raise ProcessLookupError(pid)
    now, most = (int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def watch(name: str, pid: int, done: Callable[[], int], until: Callable[[Sample], bool]) -> Course:
    """Samples a process every second until told to end; `done` tells how many events are committed."""
    began, course = time.monotonic(), Course(name, [])
    while True:
        resident, peak = memory_of(pid)
        sample = Sample(time.monotonic() - began, resident, peak, done())
        course.samples.append(sample)
        if until(sample):
            return course
        time.sleep(_EVERY)


def plot(courses: Sequence[Course], limit: int, title: str, file: Path) -> None:
    """A picture of resident memory over time, a line a process, and the limit."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 4.5))
    for course in courses:
        minutes = [sample.seconds / 60 for sample in course.samples]
        axes.plot(minutes, [sample.resident / MIB for sample in course.samples], label=course.name)
    axes.axhline(limit / MIB, color="black", linestyle="--", linewidth=1, label=f"limit {limit // MIB} MiB")
    axes.set(title=title, xlabel="minutes", ylabel="resident, MiB", ylim=(0, limit / MIB * 1.1))
    axes.legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    pyplot.close(figure)
