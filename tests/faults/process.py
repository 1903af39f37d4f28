"""A worker in a process of its own, as `emc worker` runs it, on a topic and with timeouts as the test wants.

`python -m tests.faults.process` is a nursery: it has everything imported and forks a worker for each line
`{"bootstrap", "topic", "url", "directory", "log", …}` on its standard input. It prints `{"started": pid}`
and later `{"ended": pid, "code": code}`; when its input ends it kills them all. With an argument it is that
worker.
"""

import asyncio
import contextlib
import faulthandler
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import streams.reading.member
import streams.supervision.batches
import streams.supervision.worker
from cli.runtime import logs, stopping
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from streams.reading.app import KafkaSettings, build_app
from streams.reading.weight import LARGEST_BATCH
from streams.supervision.worker import Worker
from tests.faults.points import kill_at

_SMALL = 16
"""Records that a worker of small batches fetches at once."""


def work(spec: dict[str, Any]) -> int:
    """Runs the worker until SIGTERM, or until it kills itself."""
    logs.set_up("DEBUG" if spec.get("debug") else "INFO")
    tell_monotonic()
    if spec.get("small_batches"):
        make_batches_small()
    if "finish" in spec:
        setattr(streams.supervision.worker, "FINISH_TIMEOUT", spec["finish"])  # noqa: B010 – it is not exported
    if "kill" in spec:
        kill_at(*spec["kill"])
    if "clock" in spec:
        follow_clock(Path(spec["clock"]))
    if "libfaketime" in os.environ.get("LD_PRELOAD", ""):
        setattr(time, "sleep", threading.Event().wait)  # noqa: B010 – the real one fails there
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    faulthandler.register(signal.SIGUSR1)
    kafka = KafkaSettings(
        spec["bootstrap"], spec["topic"], spec["topic"], session_timeout=spec.get("session", 2.0)
    )

    async def run(stop: stopping.Stop) -> int:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, show_tasks)
        with Database(spec["url"]) as db:
            registry = load_registry(Path(spec["registry"]) if "registry" in spec else None)
            folder, most = Path(spec["directory"]), 1 if spec.get("small_batches") else LARGEST_BATCH
            worker = Worker(kafka, db, folder, registry, largest_batch=most)
            try:
                await stop.unless(worker.start())
                await stop.wait()
            finally:
                await worker.stop()
        return 0

    return stopping.run(run)


def show_tasks() -> None:
    """SIGUSR2: where every task of the loop stands, into the log; SIGUSR1: every thread."""
    for task in asyncio.all_tasks():
        task.print_stack()


def tell_monotonic() -> None:
    """Each line of the log also tells the time by the clock that no fault steps."""
    make = logging.getLogRecordFactory()

    def make_timed(*arguments: Any, **more: Any) -> logging.LogRecord:
        record = make(*arguments, **more)
        record.monotonic = time.monotonic()
        return record

    logging.setLogRecordFactory(make_timed)
    for noisy in ("aiokafka", "kafka", "clickhouse_connect", "urllib3", "faust", "mode", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def make_batches_small() -> None:
    """Many batches of few records, so that there is much to be between."""

    def build_small(*arguments: Any) -> Any:
        app = build_app(*arguments)
        app.conf.broker_max_poll_records = _SMALL
        return app

    setattr(streams.reading.member, "build_app", build_small)  # noqa: B010 – mypy minds the assignment
    streams.supervision.batches.SMALL_BATCH_PAUSE = 0.01


def follow_clock(file: Path) -> None:
    """The wall clock is wrong by as many seconds as the file says at the moment."""
    right = time.time_ns

    def wrong() -> int:
        return right() + int(float(file.read_text() or 0) * 1e9)

    time.time_ns = wrong
    time.time = lambda: wrong() / 1e9


def _fork(spec: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        log = os.open(spec["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        code = work(spec)
    except BaseException:  # its end is `_exit`, which tells nothing: the log is to say why
        traceback.print_exc()
    finally:
        os._exit(code)


def nurse() -> None:
    """Forks workers until its input ends. One thread here: a fork copies only the one that forks."""
    children: set[int] = set()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    os.set_blocking(0, False)
    pending = b""
    while True:
        with contextlib.suppress(InterruptedError):
            signal.sigtimedwait({signal.SIGCHLD}, 0.02)
        for pid in list(children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                children.discard(pid)
                print(json.dumps({"ended": pid, "code": os.waitstatus_to_exitcode(status)}), flush=True)
        try:
            read = os.read(0, 1 << 16)
        except BlockingIOError:
            continue
        if not read:
            break
        *lines, pending = (pending + read).split(b"\n")
        for line in lines:
            pid = _fork(json.loads(line))
            children.add(pid)
            print(json.dumps({"started": pid}), flush=True)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(work(json.loads(sys.argv[1])))
    nurse()
