"""How many requests of one agency are worked on at a time: no agency's crowd keeps the others out.

Reading takes a thread of a pool that all share for as long as ClickHouse takes. Operators are not counted.
"""

import threading
from collections import Counter
from collections.abc import MutableMapping
from typing import Any

from emc.access import Caller
from portal.errors import TooManyRequests

MOST = 16
"""Requests of one agency at a time, by whichever of its tokens: less than half of the pool's threads."""
_KEY = "agency_under_way"


class Crowd:
    """Counts what is under way, by agency. A request is counted once, however often it asks to read."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, state: MutableMapping[str, Any], caller: Caller) -> None:
        """Counts a request, by its own `state`; TooManyRequests when its agency has too many under way."""
        agency = caller.agency
        if agency is None or _KEY in state:
            return
        with self._lock:
            if self._under_way[agency] >= MOST:
                raise TooManyRequests(f"expected at most {MOST} requests of an agency at once", 1)
            self._under_way[agency] += 1
        state[_KEY] = agency

    def leave(self, state: MutableMapping[str, Any]) -> None:
        """The request is done, or only waits from here on. May be repeated."""
        agency, state[_KEY] = state.get(_KEY), None
        if agency is not None:
            with self._lock:
                self._under_way[agency] -= 1
                self._under_way += Counter()  # forgets who has none
