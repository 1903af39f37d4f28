"""Comparing what an owner holds with what ClickHouse holds, from time to time, and mending the difference.

A write of a former owner may arrive late: from a process that was stopped and continued, or held up by the
network. Its rows lose against newer ones, but a cell or a rate that only the former owner touched has no
newer row. So every agency is compared some seconds after it was taken over, and twice again; what comes later
still is found by the audit.
"""

import time
from collections.abc import Callable, Collection
from typing import NamedTuple

_AFTER = (8.0, 30.0, 120.0)
"""Seconds from one comparison of an agency to its next."""


class _Due(NamedTuple):
    at: float
    times: int


class ReconciliationSchedule:
    """Which agency is to be compared next. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: dict[str, _Due] = {}

    def hold(self, agencies: Collection[str], new: Collection[str]) -> None:
        """From now on these are held; the new ones were another's until now."""
        now = self._clock()
        self._due = {code: due for code, due in self._due.items() if code in agencies}
        self._due |= {code: _Due(now + _AFTER[0], 0) for code in new}

    def next(self) -> str | None:
        """The agency whose turn it is, if any; it is scheduled again, but for the last time."""
        now = self._clock()
        code = min(self._due, key=lambda code: self._due[code].at, default=None)
        if code is None or self._due[code].at > now:
            return None
        times = self._due.pop(code).times + 1
        if times < len(_AFTER):
            self._due[code] = _Due(now + _AFTER[times], times)
        return code
