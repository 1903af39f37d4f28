"""The UNIX socket in the data directory by which commands ask the service that holds it.

    data_dir/control.sock   the owner's alone: who may write into the directory may do more than this anyway

The kernel takes at most 107 bytes as a socket's name. In a directory whose name is longer it is named through
a descriptor of the directory.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emc.errors import DataDirectoryError

NAME = "control.sock"
_LONGEST = 107


@contextmanager
def short_name(data_dir: Path) -> Iterator[str]:
    """A name of the socket that the kernel takes, for the length of the block."""
    path = data_dir / NAME
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    descriptor = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)


def listen(data_dir: Path) -> socket.socket:
    """The socket, listening, in a directory that this process holds; DataDirectoryError when that fails."""
    listening = socket.socket(socket.AF_UNIX)
    try:
        os.fchmod(listening.fileno(), 0o600)  # before it has a name: at no moment may others connect
        with short_name(data_dir) as name:
            Path(name).unlink(missing_ok=True)  # that of a service that was killed
            listening.bind(name)
        listening.listen()
    except OSError as error:
        listening.close()
        raise DataDirectoryError(f"{data_dir} cannot hold the socket {NAME} ({error.strerror})") from None
    return listening
