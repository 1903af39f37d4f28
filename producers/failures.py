"""What could not be delivered, collected by Kafka's threads and raised in the sender's."""

import threading

from producers.errors import DeliveryError


class Failures:
    """Counts undelivered events until somebody is told. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._events = 0
        self._agencies: set[str] = set()
        self._cause = ""

    def add(self, agency: str, events: int, cause: str) -> None:
        """`cause` must quote no value of an event; the first one is told."""
        with self._lock:
            self._events += events
            self._agencies.add(agency)
            self._cause = self._cause or cause

    def take(self) -> DeliveryError | None:
        """The error to raise for all that failed since the last call; None when nothing did."""
        with self._lock:
            if not self._events:
                return None
            agencies = frozenset(self._agencies)
            text = f"{self._events} event(s) of {_names(agencies)} were not delivered: {self._cause}"
            error = DeliveryError(text, self._events, agencies)
            self._clear()
            return error

    def check(self) -> None:
        """Raises DeliveryError when something failed since the last call."""
        error = self.take()
        if error is not None:
            raise error


def _names(agencies: frozenset[str]) -> str:
    names = sorted(agencies)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
