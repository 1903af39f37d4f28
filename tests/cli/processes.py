"""The command as users run it: processes of their own."""

import json
import os
import re
import selectors
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

PORTS = {"EMC_PORT": "0", "EMC_KAFKA_PORT": "0", "EMC_CLICKHOUSE_PORT": "0"}
"""Free ones: services of several tests run beside each other."""
COMMAND = (sys.executable, "-m", "cli.main")
READY = 300.0
"""Seconds that a service may take to start: long, for a machine that is busy with other things."""


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without settings of ours, and wide enough for tables."""
    return (
        {k: v for k, v in os.environ.items() if not k.startswith("EMC_")} | PORTS | {"COLUMNS": "240"} | more
    )


def emc(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=clean_environment(**environment),
        timeout=600,
        check=False,
    )


def done(*arguments: object, **environment: str) -> str:
    """What a command printed, which must succeed."""
    result = emc(*arguments, **environment)
    assert result.returncode == 0, result.stderr
    return result.stdout


def lines(text: str) -> list[dict[str, Any]]:
    """JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def complaint(*arguments: object, code: int, **environment: str) -> str:
    """The one sentence with which a command fails, with this exit code and nothing on stdout."""
    result = emc(*arguments, **environment)
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    # On a busy machine what a start waits for is told before: lines that end in an ellipsis.
    said = [line for line in result.stderr.splitlines() if not line.startswith("{")]
    (sentence,) = [line for line in said if not line.endswith("…")]
    return sentence


class Running:
    """A service in the foreground of a process: `ready` is the line that it printed.

    `log`: where its standard error goes; None: to that of the tests.
    """

    def __init__(self, *arguments: object, log: Path | None = None) -> None:
        with ExitStack() as stack:
            errors = None if log is None else stack.enter_context(log.open("w", encoding="utf-8"))
            self.process = subprocess.Popen(
                [*COMMAND, *map(str, arguments)],
                stdout=subprocess.PIPE,
                stderr=errors,
                env=clean_environment(),
                text=True,
            )
        try:
            self.ready: dict[str, str] = json.loads(self._first_line())
        except BaseException:
            self.process.kill()
            raise

    def _first_line(self) -> str:
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(READY), f"not ready after {READY:.0f} s"
        return self.process.stdout.readline()

    def get(self, path: str, **parameters: object) -> httpx.Response:
        """What the API answers."""
        return httpx.get(
            self.ready["api"] + path, params={k: str(v) for k, v in parameters.items()}, timeout=60
        )

    def settle(self) -> None:
        """Returns when everything sent so far is in the rates."""
        wait_until(lambda: self.get("/v1/health").json()["lag"] == 0)

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to end and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sent)
        return self.process.wait(240)


def wait_until(holds: Callable[[], bool], patience: float = 240.0) -> None:
    """Returns when the condition holds; fails after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def accepted(health: str) -> float:
    """Events that a worker has counted since it started, by the address of its health."""
    metrics = httpx.get(health.replace("v1/health", "metrics"), timeout=30).text
    found = re.search(r'^emc_worker_events_total\{outcome="accepted"\} (.+)$', metrics, re.MULTILINE)
    return float(found[1]) if found else 0.0


def write_export(
    path: Path, rows: list[str], as_of: str = "2026-05-02T08:00:00+07:00", agency: str = "H25"
) -> tuple[object, ...]:
    """Writes a CSV export; returns the arguments of `emc import` for it."""
    columns = "dossier,procedure,channel,status,received_at,due_at,resolved_at,electronic_result"
    path.write_text("\n".join([columns, *rows, ""]), encoding="utf-8")
    return (path, "--agency", agency, "--format", "csv", "--as-of", as_of)


def open_to_others(directory: Path) -> list[str]:
    """What in a data directory others on the machine may read or write, the directory itself included."""
    paths = (directory, *directory.rglob("*"))
    there = [path for path in paths if path.exists() and not path.is_symlink()]
    return [str(path) for path in there if stat.S_IMODE(path.stat().st_mode) & 0o077]
