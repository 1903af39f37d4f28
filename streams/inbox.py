"""Where slices wait between Faust's agent and the batches: bounded, and emptied when partitions move."""

import asyncio
from typing import Any

from streams.gathering import Slice

LARGEST_BATCH = 40_000
_CAPACITY = 16


class Inbox:
    """Slices of the present generation, in the order in which they were read of each partition."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[tuple[int, Any]] = asyncio.Queue(_CAPACITY)
        self._generation = 0

    async def put(self, message: Any) -> None:
        """Takes a Faust message whose value is a slice; waits while there are too many."""
        await self._waiting.put((self._generation, message))

    def clear(self) -> None:
        """Forgets what was read until now: it will be read again from where the partitions then start."""
        self._generation += 1
        while not self._waiting.empty():
            self._waiting.get_nowait()

    async def take(self) -> list[Slice]:
        """What waits now, at least one slice; the caller asks again with patience when there is nothing."""
        slices: list[Slice] = []
        count = 0
        first = await self._waiting.get()
        pending = [first]
        while pending or not self._waiting.empty():
            generation, message = pending.pop() if pending else self._waiting.get_nowait()
            if generation == self._generation:
                slices.append(Slice(message.partition, message.value))
                count += len(message.value)
            if count >= LARGEST_BATCH:
                break
        return slices
