"""How long each step of a batch took."""

import time


class StepClock:
    """Seconds by step; the first begins with the clock."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, step: str) -> None:
        """The step ends, the next one begins."""
        now = time.perf_counter()
        self.seconds[step] = now - self._last
        self._last = now
