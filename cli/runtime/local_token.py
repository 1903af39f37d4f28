"""The token by which commands on a data directory ask the service that holds it.

    data_dir/local.token   made anew at each start, readable by the directory's owner alone

Who may read the file may read the tables beside it anyway. The service accepts it as an operator's; nobody
else knows it.
"""

import contextlib
import os
from pathlib import Path

FILE = "local.token"


def make_local_token(data_dir: Path) -> str:
    """Makes and writes a new one."""
    # The engine takes a while to load; who only asks need not wait for it.
    from sinks.access.tokens import new_secret

    token = new_secret()
    path = data_dir / FILE
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token)
    return token


def local_token(data_dir: Path) -> str | None:
    """That of the service that runs; None when it cannot be read."""
    try:
        return (data_dir / FILE).read_text(encoding="ascii") or None
    except (OSError, UnicodeDecodeError):
        return None
