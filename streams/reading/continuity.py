"""Whether slices follow each other without a gap: Faust can lose what it has at hand in a rebalance."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from streams.reading.slices import Slice

_GAP_SECONDS = 2.0


class _Gap(NamedTuple):
    partition: int
    wanted: int
    found: int


class Continuity:
    """Where each partition goes on. A gap that is there again when read anew is no loss: it is passed over.

    `clock` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[int, int] = {}
        self._gap: tuple[float, _Gap] | None = None
        self._passed: set[_Gap] = set()

    def begin(self, starts: Mapping[int, int]) -> None:
        """Reading begins at these offsets."""
        self._next, self._gap = dict(starts), None

    def follows(self, slice_: Slice) -> bool:
        """Whether nothing was passed over before it; if so, the partition goes on behind it."""
        partition, first = slice_.partition, slice_.first_offset
        wanted = self._next.get(partition, first)
        gap = _Gap(partition, wanted, first)
        if first > wanted and gap not in self._passed:
            self._gap = self._gap or (self._clock(), gap)
            return False
        self._next[partition] = max(wanted, slice_.next_offset)
        return True

    def has_gap(self) -> bool:
        """Whether something was passed over and is to be read anew; what is missing then too is gone."""
        if self._gap is None or self._clock() - self._gap[0] < _GAP_SECONDS:
            return False
        self._passed.add(self._gap[1])
        return True

    def behind(self, reached: Mapping[int, int]) -> dict[int, int]:
        """Where partitions stand of which there is more (up to `reached`) than came here."""
        return {n: self._next[n] for n, offset in reached.items() if offset > self._next.get(n, offset)}


class Standstill:
    """Notices a partition that stood at one offset at so many looks (`needed`), though there is more of it.

    Once for each offset, lest something that never comes be waited for again and again.
    """

    def __init__(self, needed: int = 2) -> None:
        self._needed = needed
        self._times: dict[tuple[int, int], int] = {}
        self._noticed: set[tuple[int, int]] = set()

    def looks(self, behind: Mapping[int, int]) -> bool:
        """One look; `behind` as `Continuity.behind`: what is not in it does not stand."""
        self._times = {place: self._times.get(place, 0) + 1 for place in behind.items()}
        standing = {place for place, times in self._times.items() if times >= self._needed} - self._noticed
        self._noticed |= standing
        return bool(standing)
