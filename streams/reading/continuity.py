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
        """Where partitions stand of which more was fetched (`reached`) than came here."""
        return {n: self._next[n] for n, offset in reached.items() if offset > self._next.get(n, offset)}


class Standstill:
    """Notices a partition that stands where it stood at the look before, though more of it was fetched.

    Once for each offset, lest something that never comes be waited for again and again.
    """

    def __init__(self) -> None:
        self._before: dict[int, int] = {}
        self._noticed: set[tuple[int, int]] = set()

    def looks(self, behind: Mapping[int, int]) -> bool:
        """One look; `behind` as `Continuity.behind`, empty while slices wait or a batch is under way."""
        standing = self._before.items() & behind.items() - self._noticed
        self._before = dict(behind)
        self._noticed |= standing
        return bool(standing)
