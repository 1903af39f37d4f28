"""The sessions as this process knows them: looked up together, so that strangers' cookies cost little."""

import re
import threading
import time

from sinks.access.sessions import Session, SessionStore
from sinks.access.tokens import digest

REMEMBERED = 4.0
"""Seconds for which a session is not looked up again: a sign-out elsewhere holds within that."""
AGAIN = 0.02
"""The table is read at most so often, in seconds, however many cookies come that nobody knows."""
_is_secret = re.compile(r"[A-Za-z0-9_-]{43}").fullmatch


class _Lookup:
    """One reading of the table: for whom, and what it found."""

    def __init__(self) -> None:
        self.wanted: set[str] = set()
        self.found: dict[str, Session] = {}
        self.error: Exception | None = None
        self.is_done = threading.Event()


class KnownSessions:
    """Finds sessions by the secrets of their cookies. ComponentError when the table cannot be read.

    Without it a stranger who sends a new cookie with every request would have the table read for each. What
    is not found is not remembered: a copy of the table may have a new session a moment later.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._held: dict[str, tuple[float, Session]] = {}
        self._next = _Lookup()
        self._read_at = float("-inf")
        self._lock, self._reading = threading.Lock(), threading.Lock()

    def find(self, secret: str) -> Session | None:
        """The session of a secret, also one that holds no more; None when there is none."""
        if _is_secret(secret) is None:
            return None
        hashed = digest(secret)
        held = self._held.get(hashed)
        if held is not None and time.monotonic() - held[0] < REMEMBERED:
            return held[1]
        return self._look_up(hashed)

    def keep(self, session: Session) -> None:
        """Remembers a session as it is now."""
        with self._lock:
            self._held[session.hash] = (time.monotonic(), session)

    def forget(self, session: Session) -> None:
        """Looks a session up anew the next time."""
        with self._lock:
            self._held.pop(session.hash, None)

    def _look_up(self, hashed: str) -> Session | None:
        with self._lock:
            lookup = self._next
            is_first = not lookup.wanted
            lookup.wanted.add(hashed)
        if is_first:
            self._carry_out(lookup)
        lookup.is_done.wait()
        if lookup.error is not None:
            raise lookup.error
        return lookup.found.get(hashed)

    def _carry_out(self, lookup: _Lookup) -> None:
        """Reads the table for all who come until it is read."""
        with self._reading:
            time.sleep(max(0.0, self._read_at + AGAIN - time.monotonic()))
            with self._lock:
                self._next = _Lookup()
            now = self._read_at = time.monotonic()
            try:
                lookup.found = self._store.find_all(lookup.wanted)
            except Exception as error:  # each of those who wait is told
                lookup.error = error
            finally:
                lookup.is_done.set()
        with self._lock:
            self._held = {key: held for key, held in self._held.items() if now - held[0] < REMEMBERED}
            self._held |= {key: (now, session) for key, session in lookup.found.items()}
