"""Giving a query up from another thread: whoever asked it has gone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emc.errors import ComponentError


class Cancelling:
    """One query's. `cancel` may come before it runs, while it does, or after; then it does nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kill: Callable[[], None] | None = None
        self._is_cancelled = False

    @contextmanager
    def of(self, kill: Callable[[], None]) -> Iterator[None]:
        """While it is entered, `kill` ends the query; ComponentError when it was given up before that."""
        with self._lock:
            if self._is_cancelled:
                raise ComponentError("given up: whoever asked has gone")
            self._kill = kill
        try:
            yield
        finally:
            with self._lock:  # no kill is under way any more: it could meet the next query of this name
                self._kill = None

    def cancel(self) -> None:
        """Ends the query, or sees that it does not begin."""
        with self._lock:
            self._is_cancelled = True
            if self._kill is not None:
                self._kill()
