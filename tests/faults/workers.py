"""Worker processes seen from the test: started, killed, stopped and continued; what they logged."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class WorkerProcess:
    """One worker process. `code` is None while it runs, negative when a signal ended it."""

    def __init__(self, pid: int, log: Path) -> None:
        self.pid, self.log = pid, log
        self.code: int | None = None
        self._ended = threading.Event()

    def end(self, code: int) -> None:
        """Called when it has ended."""
        self.code = code
        self._ended.set()

    def signal(self, number: int) -> None:
        """Sends it a signal, if it still runs."""
        if self.code is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it at once."""
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self, patience: float = 30.0) -> int:
        """Asks it to end; returns its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(patience)

    def wait(self, patience: float = 150.0) -> int:
        """Returns its exit code once it has ended."""
        assert self._ended.wait(patience), f"still running after {patience:.0f} s; see {self.log}"
        assert self.code is not None
        return self.code

    def logged(self) -> Iterator[dict[str, Any]]:
        """The JSON lines of its log."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("{") and line.endswith("}\n"):
                    yield json.loads(line)

    def said(self, message: str) -> list[dict[str, Any]]:
        """Its log lines with this message."""
        return [line for line in self.logged() if line["message"] == message]


class Nursery:
    """Starts worker processes quickly: by forking one that has everything imported."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        self._workers: dict[int, WorkerProcess] = {}
        self._started: queue.Queue[int] = queue.Queue()
        self._starting = threading.Lock()
        self._codes: dict[int, int] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "started" in said:
                self._started.put(said["started"])
                continue
            with self._lock:
                worker = self._workers.get(said["ended"])
                if worker is None:
                    self._codes[said["ended"]] = said["code"]
                else:
                    worker.end(said["code"])

    def start(self, spec: Mapping[str, Any]) -> WorkerProcess:
        """A new worker process; `spec` as `tests.faults.process` tells."""
        assert self._process.stdin is not None
        with self._starting:  # journeys start workers from threads of their own; an answer names no asker
            self._process.stdin.write(json.dumps(spec).encode() + b"\n")
            self._process.stdin.flush()
            pid = self._started.get(timeout=60)
        Path(spec["log"]).touch()
        worker = WorkerProcess(pid, Path(spec["log"]))
        with self._lock:
            self._workers[pid] = worker
            if pid in self._codes:
                worker.end(self._codes.pop(pid))
        return worker

    def close(self) -> None:
        """Ends it and every worker that it started."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
