"""One answer for all who ask the same at the same time: a costly question is not run beside itself."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Runs a question for the first who asks; who comes meanwhile gets the same answer, or the same error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[Hashable, Future[T]] = {}

    def run(self, ask: Callable[[], T], question: Hashable = None) -> T:
        """The answer; whatever `ask` raises is raised to all who wait for it. `question`: which one it is."""
        with self._lock:
            running = self._running.get(question)
            if running is None:
                mine = self._running[question] = Future()
        if running is not None:
            return running.result()
        try:
            mine.set_result(ask())
        except BaseException as failure:
            mine.set_exception(failure)
            raise
        finally:
            with self._lock:
                del self._running[question]
        return mine.result()
