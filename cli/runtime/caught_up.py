"""Waiting until the monitor has read what an import is to be compared with."""

import time

from cli.runtime.reading import Readings
from emc.translation import noun

_PATIENCE = 30.0
_PAUSE = 0.25


def wait_until_read(reader: Readings, patience: float = _PATIENCE) -> str | None:
    """Waits until the monitor has read all that was sent before; a remark when it has not after `patience`
    s.
    """
    health = getattr(reader, "health", None)
    if health is None:
        return None
    deadline = time.monotonic() + patience
    while (lag := health().get("lag")) != 0:
        if time.monotonic() > deadline:
            left = f"{lag} {noun(lag, 'message', 'messages')}"
            return f"The monitor has still to read {left}: it is compared with what it knew before."
        time.sleep(_PAUSE)
    return None
