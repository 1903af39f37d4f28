"""The data directory: who holds it, and where the service that does can be reached.

    data_dir/emc.lock       locked while a process uses the directory; names the process and its addresses
    data_dir/control.sock   where the service takes commands
    data_dir/kafka/         the embedded broker's
    data_dir/clickhouse/    the embedded engine's
    data_dir/worker/        the worker's local store, a cache
    data_dir/played.json    which month the simulator has played into it

The lock is the kernel's, so it ends with its holder however that ends; the text of a killed holder says
nothing any more and does no harm.
"""

import errno
import fcntl
import os
import re
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from emc.errors import DataDirectoryError

LOCK = "emc.lock"
_OURS = re.compile(
    r"emc\.lock|control\.sock|kafka|clickhouse|worker(-\d+)?|played\.json|local\.token|lost\+found"
).fullmatch
_SHORT = 0.1


class Holder(msgspec.Struct, frozen=True):
    """Who holds the directory. `api` and `kafka` are None for a process that is no service, or not ready."""

    pid: int
    command: str
    api: str | None = None
    kafka: str | None = None


class DataDirectory:
    """The directory, held by this process until `release`. One that cannot be written is held for reading."""

    def __init__(self, path: Path, lock: IO[str], command: str) -> None:
        self.path, self.is_read_only = path, not lock.writable()
        self._lock = lock
        self._command = command
        self._write()

    def announce(self, api: str, kafka: str) -> None:
        """Tells other commands where the service answers."""
        self._write(api, kafka)

    def _write(self, api: str | None = None, kafka: str | None = None) -> None:
        if self.is_read_only:
            return
        text = msgspec.json.encode(Holder(os.getpid(), self._command, api, kafka)).decode()
        try:
            self._lock.seek(0)
            self._lock.truncate()
            self._lock.write(text + "\n")
            self._lock.flush()
        except OSError as error:
            raise DataDirectoryError(f"{self.path} cannot be written ({error.strerror})") from None

    def release(self) -> None:
        """Lets others have it. May be repeated."""
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def hold(path: Path, command: str, patience: float = 5.0) -> DataDirectory:
    """Takes the directory, making it if need be.

    A short reading command may have it: waits `patience` seconds for it. DataDirectoryError when a service
    has it, it cannot be written, or it holds what is none of ours.
    """
    path = path.resolve()
    refuse_foreign(path)
    deadline = time.monotonic() + patience
    while (lock := _try(path)) is None:
        holder = _holder(path)
        if (holder is not None and holder.api is not None) or time.monotonic() > deadline:
            raise DataDirectoryError(f"{path} is held by another process{_told(holder)}")
        time.sleep(_SHORT)
    return DataDirectory(path, lock, command)


def refuse_foreign(path: Path) -> None:
    """DataDirectoryError when the directory holds files, but none of a monitor: it is somebody else's."""
    try:
        names = {one.name for one in path.iterdir()}
    except OSError:  # not there yet, or told when it is taken
        return
    if LOCK not in names and any(not _OURS(name) for name in names):
        raise DataDirectoryError(
            f"{path} holds files, but no data of a monitor: name a new or empty directory with --data-dir,"
            f" or make an empty file {LOCK} in it, and it is used all the same"
        )


def service_or_hold(
    path: Path, command: str, patience: float = 30.0, *, only_reads: bool = False
) -> Holder | DataDirectory:
    """The service that holds the directory, or the directory itself, held, when nobody has it.

    Waits `patience` seconds for a service that starts or for another short command to end.
    DataDirectoryError when there is no data in the directory; `only_reads`: it need not be writable.
    """
    path = path.resolve()
    deadline = time.monotonic() + patience
    while True:
        if not (path / LOCK).exists():
            raise DataDirectoryError(f"{path} holds no data of a monitor; `emc up` or `emc demo` makes some")
        lock = _try(path, only_reads)
        if lock is not None:
            return DataDirectory(path, lock, command)
        holder = _holder(path)
        if holder is not None and holder.api is not None:
            return holder
        if time.monotonic() > deadline:
            raise DataDirectoryError(
                f"{path} is held by another process{_told(holder)} that does not answer yet"
            )
        time.sleep(_SHORT)


def service_of(path: Path, command: str) -> Holder:
    """The service that holds the directory; DataDirectoryError when none does."""
    found = service_or_hold(path, command)
    if isinstance(found, Holder):
        return found
    found.release()
    raise DataDirectoryError(
        f"no service runs on {path.resolve()}; start it with `emc up`, or name it with --kafka"
    )


def _try(path: Path, only_reads: bool = False) -> IO[str] | None:
    """The locked file; None when another process has the lock."""
    try:
        lock = _open(path, only_reads)
    except OSError as error:
        raise DataDirectoryError(f"{path} cannot be used as data directory ({error.strerror})") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    except OSError as error:
        lock.close()
        raise DataDirectoryError(f"{path} cannot be locked ({error.strerror})") from None
    return lock


def _open(path: Path, only_reads: bool) -> IO[str]:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (path / LOCK).open("r+" if (path / LOCK).exists() else "w+", encoding="utf-8")
    except OSError as error:
        if only_reads and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return (path / LOCK).open(encoding="utf-8")
        raise


def _holder(path: Path) -> Holder | None:
    """What the holder wrote; None while it is writing, or when the text is a dead process's."""
    try:
        holder = msgspec.json.decode((path / LOCK).read_bytes(), type=Holder)
        os.kill(holder.pid, 0)
    except PermissionError:
        return holder
    except (OSError, msgspec.MsgspecError):
        return None
    return holder


def _told(holder: Holder | None) -> str:
    return "" if holder is None else f" (`emc {holder.command}`, process {holder.pid})"
