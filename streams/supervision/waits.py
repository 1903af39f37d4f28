"""What the worker as a whole waits for, out of what each of its parts waits for."""

from emc.waiting import Waiting
from streams.batch.retrying import RetryUntilStopped


class Waits:
    """`batch`: why a batch did not succeed, until one does; `stream`: why reading does not begin or go on.

    Both are set on the loop alone. Any thread may ask.
    """

    def __init__(self, retry: RetryUntilStopped) -> None:
        self._retry = retry
        self.batch: Waiting | None = None
        self.stream: Waiting | None = None

    @property
    def present(self) -> Waiting | None:
        """What is waited for, the nearest cause first; None when the worker goes on."""
        return self._retry.waiting or self.batch or self.stream
