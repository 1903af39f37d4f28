"""The greatest resident size of every process under torture."""

import contextlib
import threading
from pathlib import Path

from tests.torture.arena import Arena
from tests.torture.report import Report

_EVERY = 0.5


class Watch(threading.Thread):
    """Looks twice a second for the length of a block: workers may live for a moment only."""

    def __init__(self, arena: Arena, report: Report) -> None:
        super().__init__(daemon=True, name="memory")
        self._arena, self._report = arena, report
        self._ended = threading.Event()

    def run(self) -> None:
        """Until the block ends."""
        while not self._ended.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        for name, worker in list(self._arena.workers.items()):
            self._report.saw(f"worker {name}", peak_memory(worker.pid))
        self._report.saw("ClickHouse (in its front)", peak_memory(self._arena.front.pid))
        for number, broker in enumerate(self._arena.cluster.brokers, 1):
            with contextlib.suppress(RuntimeError, AttributeError):  # it is being started, or is down
                self._report.saw(f"broker {number}", peak_memory(broker.pid))

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()


def peak_memory(pid: int) -> int:
    """The greatest resident size (bytes) that a process has had; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
