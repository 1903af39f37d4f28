"""Where slices wait between Faust's agent and the batches: bounded, and emptied when partitions move."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from streams.batch.gathering import Slice

_GAP_SECONDS = 2.0
LARGEST_BATCH = 20 * 1024 * 1024
"""Bytes of values: some 55 000 events, two seconds of work, half a gigabyte as objects."""


Entrance = Callable[[Any], Awaitable[None]]
"""Takes a Faust message whose value is a slice; waits while a whole batch is waiting already."""


class Inbox:
    """Slices of the present generation, in the order in which they were read of each partition."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Slice, int]] = deque()
        self._size = 0
        self._generation = 0
        self._entrances = 0
        self._changed = asyncio.Condition()
        self._next: dict[int, int] = {}
        self._gap: tuple[float, tuple[int, int, int]] | None = None
        self._passed: set[tuple[int, int, int]] = set()

    def entrance(self) -> Entrance:
        """What an app puts its messages in by, each a slice; only the latest entrance is open.

        An app that was given up and is still ending must not put anything among what its successor reads.
        """
        self._entrances += 1
        number = self._entrances

        async def put(message: Any) -> None:
            if number == self._entrances:
                await self._put(message)

        return put

    async def _put(self, message: Any) -> None:
        generation = self._generation
        slice_ = Slice(message.partition, message.value)
        size = sum(len(record.value or b"") for record in slice_.records)
        async with self._changed:
            await self._changed.wait_for(lambda: self._size < LARGEST_BATCH or generation != self._generation)
            if generation == self._generation and self._follows(slice_):
                self._waiting.append((slice_, size))
                self._size += size
                self._changed.notify_all()

    def begin(self, starts: Mapping[int, int]) -> None:
        """Reading begins at these offsets now: what waits was read before that."""
        self._waiting.clear()
        self._size = 0
        self._next, self._gap = dict(starts), None

    def _follows(self, slice_: Slice) -> bool:
        """Whether nothing was passed over before it: Faust can lose what it has in a rebalance."""
        partition, first = slice_.partition, slice_.records[0].offset
        wanted = self._next.get(partition, first)
        gap = (partition, wanted, first)
        if first > wanted and gap not in self._passed:
            self._gap = self._gap or (time.monotonic(), gap)
            return False
        self._next[partition] = max(wanted, slice_.records[-1].offset + 1)
        return True

    def has_gap(self) -> bool:
        """Whether something was passed over and is to be read anew; what is missing then too is gone."""
        if self._gap is None or time.monotonic() - self._gap[0] < _GAP_SECONDS:
            return False
        self._passed.add(self._gap[1])
        return True

    def missing(self, reached: Mapping[int, int]) -> dict[int, int]:
        """Where partitions stand that were fetched further than to here, while nothing waits here."""
        if self._waiting:
            return {}
        return {n: self._next[n] for n, offset in reached.items() if offset > self._next.get(n, offset)}

    def clear(self) -> None:
        """Forgets what was read until now: it will be read again from where the partitions then start."""
        self._generation += 1
        self._waiting.clear()
        self._size = 0
        self._next, self._gap = {}, None

    @property
    def generation(self) -> int:
        """Grows when what was read until then is forgotten."""
        return self._generation

    async def take(self) -> tuple[int, list[Slice]]:
        """What waits now, at least one slice, and the generation that it is of."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._waiting))
            slices = [slice_ for slice_, _ in self._waiting]
            self._waiting.clear()
            self._size = 0
            self._changed.notify_all()
            return self._generation, slices
