"""Back-pressure: what may be under way to Kafka at once, in messages and in bytes."""

import threading


class InFlightLimit:
    """Bounds what was sent and is not yet acknowledged.

    kafka-python 3 queues without limit while the broker is away; a sender that reads faster than Kafka
    takes would fill the memory. Whoever sends enters first, and waits while it is full.
    A message larger than the whole bound passes alone.
    """

    def __init__(self, messages: int, size: int) -> None:
        self._bounds = messages, size
        self._messages = self._size = 0
        self._peak = 0, 0
        self._open = True
        self._changed = threading.Condition()

    @property
    def in_flight(self) -> tuple[int, int]:
        """Messages and bytes that are under way now."""
        return self._messages, self._size

    @property
    def peak(self) -> tuple[int, int]:
        """The most messages and the most bytes that were ever under way."""
        return self._peak

    def enter(self, size: int, timeout: float) -> bool:
        """Waits for room for `size` bytes; False when `timeout` seconds pass or it is shut."""
        with self._changed:
            self._changed.wait_for(lambda: self._fits(size) or not self._open, timeout)
            if not self._open or not self._fits(size):
                return False
            self._messages += 1
            self._size += size
            self._peak = max(self._peak[0], self._messages), max(self._peak[1], self._size)
            return True

    def _fits(self, size: int) -> bool:
        messages, bound = self._bounds
        return self._messages == 0 or (self._messages < messages and self._size + size <= bound)

    def leave(self, size: int) -> None:
        """One message of `size` bytes was acknowledged or has failed."""
        with self._changed:
            self._messages -= 1
            self._size -= size
            self._changed.notify_all()

    def shut(self) -> None:
        """Lets nobody in any more; those who wait are turned away at once."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def wait_empty(self, timeout: float) -> bool:
        """Waits until nothing is under way; False after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._messages == 0, timeout)
