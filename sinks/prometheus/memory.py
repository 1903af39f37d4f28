"""What a process holds of memory, what it may hold, and what of that is its buffers."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sinks.prometheus import metrics

_PROC, _CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")
_OLD_LIMIT = "memory/memory.limit_in_bytes"


class MemoryCollector(Collector):
    """The memory of this process; `held` tells the bytes in each of its buffers."""

    def __init__(self, held: Callable[[], Mapping[str, int]]) -> None:
        self._held = held

    def describe(self) -> list[Metric]:
        """Nothing: so that registering asks nobody."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families of one scrape; what the system does not tell is left out."""
        resident, limit = resident_bytes(), limit_bytes()
        if resident is not None:
            yield metrics.RESIDENT.value(resident)
        if limit is not None:
            yield metrics.MEMORY_LIMIT.value(limit)
        family = metrics.HELD.family()
        for buffer, size in sorted(self._held().items()):
            family.add_metric((buffer,), size)
        yield family


def resident_bytes(proc: Path = _PROC) -> int | None:
    """Bytes of this process in memory; None where there is no /proc."""
    try:
        pages = int((proc / "self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def limit_bytes(proc: Path = _PROC, cgroups: Path = _CGROUPS) -> int | None:
    """Above this the kernel ends the process: the tightest limit of its control groups, else the machine."""
    found = [limit for file in _limit_files(proc, cgroups) if (limit := _number(file))]
    with contextlib.suppress(OSError, ValueError):  # not told here
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(found, default=None)


def _limit_files(proc: Path, cgroups: Path) -> Iterator[Path]:
    """Where limits may stand: in the process's group and all above it, and in the older hierarchy."""
    yield cgroups / _OLD_LIMIT
    yield cgroups / "memory.max"
    try:
        lines = (proc / "self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        if line.startswith("0::/"):
            own = Path(line.removeprefix("0::/"))
            yield from (cgroups / group / "memory.max" for group in (own, *own.parents))


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # absent, or "max"
        return None
