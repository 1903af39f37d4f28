"""When the collector of cycles looks: by the clock, not by the number of objects.

A batch is half a million objects without cycles, all alive: looking through them again and again took 3 µs an
event (thresholds of 100 000, 20, 20) to 11 (Python's own) of 28 and found nothing: 130 objects in 180 000
events. What little does refer to itself (errors with their frames, futures) would wait for a million objects,
which at 50 events a second takes most of an hour.
"""

import gc
import time

from streams.supervision import heap

_THRESHOLDS = (1_000_000, 20, 100)
_EVERY = 60.0


class CycleCollector:
    """Looks through everything once a minute, in a tenth of a second or two, and gives back what is free."""

    def __init__(self, every: float = _EVERY) -> None:
        """`every`: seconds between two looks."""
        self._every, self._looked = every, time.monotonic()

    def begin(self) -> None:
        """From now on it takes a million new objects for Python to look by itself."""
        gc.set_threshold(*_THRESHOLDS)

    def look_if_due(self) -> None:
        """To be called between two batches."""
        if time.monotonic() - self._looked >= self._every:
            gc.collect()
            heap.give_back()
            self._looked = time.monotonic()
