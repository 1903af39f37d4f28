"""Processor time as the kernel counts it: of processes, and of this process by what its threads do."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
_THREADS = {
    "MainThread": "loop",
    "stream": "stream",
    "asyncio": "judging",
    "insert": "inserts",
    "Thread": "consumer",
}
"""How a worker's threads are named, up to the first letter that is none: what they do."""
_ENGINE = "engine"
"""Threads that Python did not begin: ClickHouse's and RocksDB's."""
_OTHER = "other"


def processor(folder: Path) -> float:
    """Seconds of processor time of a process or thread, given its folder in /proc."""
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def by_thread() -> dict[str, float]:
    """Seconds of processor time of this process by what its threads do; ended threads count as `other`."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    found: dict[str, float] = {}
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            kind = kind_of(names.get(int(task.name)))
            found[kind] = found.get(kind, 0.0) + processor(task)
    ended = time.process_time() - sum(found.values())
    found[_OTHER] = found.get(_OTHER, 0.0) + max(0.0, ended)
    return found


def kind_of(name: str | None) -> str:
    """What a thread of this name does; None: one that Python did not begin."""
    if name is None:
        return _ENGINE
    word = next((name[:at] for at, letter in enumerate(name) if not letter.isalpha()), name)
    return _THREADS.get(word, _OTHER)


def since(before: dict[str, float]) -> dict[str, float]:
    """What was used by thread since an earlier reading of `by_thread`."""
    return {kind: seconds - before.get(kind, 0.0) for kind, seconds in by_thread().items()}
