"""The broker's directory: held by one process at a time, formatted once."""

import base64
import fcntl
import os
import shutil
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from emc.errors import ComponentError, DataDirectoryError

ROOM = 64 * 1024 * 1024  # bytes: with less, a first start fills the disk


def hold(directory: Path) -> IO[str]:
    """Make the directory and take its lock, which ends with this process at the latest; close to release.

    Raises DataDirectoryError when another process holds it, it cannot be written or its disk is full.
    """
    if "," in str(directory):
        raise DataDirectoryError(f"The directory {directory} cannot be used: Kafka takes no comma in a path.")
    try:
        for part in ("log", "tmp"):
            (directory / part).mkdir(parents=True, exist_ok=True)
        lock = (directory / "lock").open("a+")
        room = shutil.disk_usage(directory).free
    except OSError as error:
        raise DataDirectoryError(f"The directory {directory} cannot be used: {error.strerror}.") from error
    try:
        if room < ROOM:
            raise DataDirectoryError(
                f"The disk of {directory} has {room >> 20} MiB left; the broker needs {ROOM >> 20} MiB."
            )
        _lock(lock, directory)
    except BaseException:
        lock.close()
        raise
    return lock


def _lock(lock: IO[str], directory: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        raise DataDirectoryError(
            f"The broker's directory {directory} is held by another process ({holder}); "
            "stop that one, or choose another data directory."
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()


def new_cluster_id() -> str:
    """A random id in Kafka's form: 16 bytes in URL-safe Base64, never starting with a hyphen."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def format_once(
    data: Path,
    tool: Sequence[str],
    properties: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str],
) -> None:
    """Format `data` with Kafka's StorageTool unless that was done; an interrupted attempt leaves nothing.

    `tool` is the Java command up to its main class; `properties` names the neighbour `data.new` as log.dirs.
    """
    fresh = data.with_name(data.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    if data.exists():
        return
    command = [*tool, "kafka.tools.StorageTool", "format", "-c", str(properties), *arguments]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=dict(environment),
        start_new_session=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines()
        raise ComponentError(
            f"The broker's storage could not be formatted: {reason[-1] if reason else 'no reason'}."
        )
    fresh.rename(data)
