"""Where slices wait between Faust's agent and the batches: bounded, and emptied when the lease ends."""

import asyncio
from collections import deque
from collections.abc import Mapping

from streams.reading.continuity import Continuity
from streams.reading.lease import Lease
from streams.reading.slices import Slice
from streams.reading.weight import LARGEST_BATCH


class Inbox:
    """Slices of the present lease, in the order in which they were read of each partition. For the loop.

    It is where the present lease is: `begin` and `end` are the only ways by which it changes.
    `weight`: of what waits, see `streams.reading.weight`.
    """

    def __init__(self, continuity: Continuity | None = None, largest_batch: int = LARGEST_BATCH) -> None:
        self.lease: Lease | None = None
        self._largest_batch = largest_batch
        self._continuity = continuity or Continuity()
        self._waiting: deque[Slice] = deque()
        self.weight = 0
        self._filled, self._has_room = asyncio.Event(), asyncio.Event()

    def begin(self, lease: Lease) -> None:
        """From now on reading is under this lease: the one before ends."""
        self.end()
        self.lease = lease
        self._continuity.begin(lease.starts)

    def end(self) -> None:
        """The lease ends: what was read under it is forgotten, to be read again by whoever is next."""
        if self.lease is not None:
            self.lease.revoke()
        self.lease = None
        self._empty()
        self._continuity.begin({})

    def _empty(self) -> None:
        self._waiting.clear()
        self.weight = 0
        self._filled.clear()
        self._has_room.set()

    async def put(self, slice_: Slice) -> None:
        """Takes a slice, after waiting while a whole batch is here already; not of a lease that has ended."""
        while self.weight >= self._largest_batch and slice_.lease is self.lease:
            self._has_room.clear()
            await self._has_room.wait()
        if slice_.lease is self.lease and self._continuity.follows(slice_):
            self._waiting.append(slice_)
            self.weight += slice_.weight
            self._filled.set()

    async def take(self) -> list[Slice]:
        """What waits now, at least one slice, all of one lease."""
        while not self._waiting:
            await self._filled.wait()
        slices = list(self._waiting)
        self._empty()
        return slices

    def has_gap(self) -> bool:
        """Whether something was passed over and is to be read anew."""
        return self._continuity.has_gap()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits here, so that Faust could hand over what it has."""
        return not self._waiting

    def behind(self, reached: Mapping[int, int]) -> dict[int, int]:
        """Where partitions stand of which there is more (up to `reached`) than came here."""
        return self._continuity.behind(reached)
