"""What pages read, kept until something is written: the next reader pays for drawing alone.

A question costs the engine tens of milliseconds, and a board that a hundred people keep open asks the same
one a hundred times after each change. An answer is given again only while the tables' mark is the one that
it was read under, so nobody sees less than what was counted when the page was asked for. Whose eyes it was
for is part of the question: an answer is never given to who may see more or less.
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

from portal.reading.bounded import Bounded
from portal.reading.shared import Shared

MOST_ANSWERS, MOST_BYTES = 512, 32_000_000
"""The answers kept, and what they weigh in all; the one that was not asked for longest goes first."""
LONGEST = 60.0
"""Seconds after which an answer is read again, mark or no mark: warnings depend on the day, too."""


class _Kept(NamedTuple):
    mark: object
    until: float
    packed: bytes


class Memory:
    """Packed answers by their questions. Who asks while an answer is being read waits for that one."""

    def __init__(
        self, answers: int = MOST_ANSWERS, weight: int = MOST_BYTES, longest: float = LONGEST
    ) -> None:
        self._longest, self._lock = longest, threading.Lock()
        self._kept: Bounded[_Kept] = Bounded(answers, weight, lambda kept: len(kept.packed))
        self._asked: Shared[bytes] = Shared()

    def recall(
        self, question: Hashable, mark: Hashable, ask: Callable[[], bytes], any_mark: bool = False
    ) -> bytes:
        """The answer as it was packed. `mark`: read before; changes whenever the answer may have.

        `any_mark`: one that was read under another mark will do. Whatever `ask` raises is raised to all who
        wait for it, and not kept.
        """
        packed = self._recalled(question, mark, any_mark)
        if packed is not None:
            return packed
        return self._asked.run(lambda: self._read(question, mark, ask), (question, mark))

    def _recalled(self, question: Hashable, mark: Hashable, any_mark: bool = False) -> bytes | None:
        with self._lock:
            kept = self._kept.use(question)
            if kept is None or not (any_mark or kept.mark == mark) or time.monotonic() >= kept.until:
                return None
            return kept.packed

    def _read(self, question: Hashable, mark: Hashable, ask: Callable[[], bytes]) -> bytes:
        packed = self._recalled(question, mark)  # another may have ended with it meanwhile
        if packed is None:
            packed = ask()
            with self._lock:
                self._kept[question] = _Kept(mark, time.monotonic() + self._longest, packed)
        return packed
