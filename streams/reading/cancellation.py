"""Who cancelled: whoever awaits this task wants it to end, or a library has cancelled what this task awaits.

Both raise `asyncio.CancelledError`, which is no `Exception`. A commit that is under way when Faust stops its
thread is cancelled there; unless somebody tells the two apart, it ends the task that asked for the commit.
"""

import asyncio
import contextlib
from collections.abc import Iterator


class CancelledElsewhere(Exception):
    """What was awaited has been cancelled, the task that awaited it has not."""


@contextlib.contextmanager
def own_cancellation() -> Iterator[None]:
    """Lets a cancellation of this task pass; any other becomes `CancelledElsewhere`."""
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise CancelledElsewhere from error
