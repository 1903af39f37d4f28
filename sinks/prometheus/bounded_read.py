"""Reading something slow or absent for a caller that must not wait: bounded in time, one at a time."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class TooSlow(Exception):
    """The reading did not end in time; it goes on, and its result serves a later call."""


class Timed(Generic[T]):
    """Calls `read` in a thread of its own; its result serves for `fresh` seconds.

    Without it a scrape of an engine that does not answer would hang for the length of its time-outs, and
    every further scrape would leave one more thread hanging.
    """

    def __init__(self, read: Callable[[], T], limit: float, fresh: float) -> None:
        self._read, self._limit, self._fresh = read, limit, fresh
        self._lock = threading.Lock()
        self._reading: _Reading[T] | None = None

    def __call__(self) -> T:
        """The value; raises what `read` raised, or TooSlow after `limit` seconds."""
        with self._lock:
            if self._reading is None or self._reading.is_old(self._fresh):
                self._reading = _Reading(self._read)
            reading = self._reading
        return reading.result(self._limit)


class Prompt(Generic[T]):
    """Calls `read` in a thread of its own, for callers that wait a moment only and take no older answer.

    One at a time: while a reading hangs, nobody begins another.
    """

    def __init__(self, read: Callable[[], T], limit: float) -> None:
        self._read, self._limit = read, limit
        self._lock = threading.Lock()
        self._reading: _Reading[T] | None = None

    def __call__(self) -> T:
        """A value read since the call began; raises what `read` raised, or TooSlow after `limit` seconds."""
        asked = time.monotonic()
        while True:
            with self._lock:
                reading = self._reading
                if reading is None or (reading.is_done and reading.begun < asked):
                    reading = self._reading = _Reading(self._read)
            left = max(0.0, asked + self._limit - time.monotonic())
            if reading.begun >= asked:
                return reading.result(left)
            if not reading.wait(left):
                raise TooSlow


class _Reading(Generic[T]):
    """One call of `read`, under way or done."""

    def __init__(self, read: Callable[[], T]) -> None:
        self.begun = time.monotonic()
        self._done = threading.Event()
        self._ended = 0.0
        self._value: list[T] = []
        self._error: Exception | None = None
        # a daemon, so that a reading that hangs does not keep the process from ending
        threading.Thread(target=self._run, args=(read,), name="scrape", daemon=True).start()

    def _run(self, read: Callable[[], T]) -> None:
        try:
            self._value.append(read())
        except Exception as error:  # handed to whoever asks
            self._error = error
        self._ended = time.monotonic()
        self._done.set()

    @property
    def is_done(self) -> bool:
        return self._done.is_set()

    def wait(self, limit: float) -> bool:
        """Whether it is done, within so many seconds."""
        return self._done.wait(limit)

    def is_old(self, fresh: float) -> bool:
        """Whether it is to be read again: it failed, or ended more than `fresh` seconds ago."""
        return self._done.is_set() and (self._error is not None or time.monotonic() - self._ended > fresh)

    def result(self, limit: float) -> T:
        if not self._done.wait(limit):
            raise TooSlow
        if self._error is not None:
            raise self._error
        return self._value[0]
