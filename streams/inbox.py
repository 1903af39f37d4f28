"""Where slices wait between Faust's agent and the batches: bounded, and emptied when partitions move."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from streams.gathering import Slice

LARGEST_BATCH = 14 * 1024 * 1024
"""Bytes of values: some 40 000 events, a second's work, a few hundred megabytes as objects."""
_CAPACITY = 4


Entrance = Callable[[Any], Awaitable[None]]
"""Takes a Faust message whose value is a slice; waits while too many are waiting."""


class Inbox:
    """Slices of the present generation, in the order in which they were read of each partition."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[tuple[int, Any]] = asyncio.Queue(_CAPACITY)
        self._generation = 0
        self._entrances = 0

    def entrance(self) -> Entrance:
        """What an app puts its messages in by, each a slice; only the latest entrance is open.

        An app that was given up and is still ending must not put anything among what its successor reads.
        """
        self._entrances += 1
        number = self._entrances

        async def put(message: Any) -> None:
            if number == self._entrances:
                await self._waiting.put((self._generation, message))

        return put

    def clear(self) -> None:
        """Forgets what was read until now: it will be read again from where the partitions then start."""
        self._generation += 1
        while not self._waiting.empty():
            self._waiting.get_nowait()

    @property
    def generation(self) -> int:
        """Grows when what was read until then is forgotten."""
        return self._generation

    async def take(self) -> tuple[int, list[Slice]]:
        """What waits now, at least one slice, and the generation that it is of."""
        slices: list[Slice] = []
        size = 0
        while not slices or (size < LARGEST_BATCH and not self._waiting.empty()):
            generation, message = await self._waiting.get()
            if generation == self._generation:
                slices.append(Slice(message.partition, message.value))
                size += sum(len(record.value or b"") for record in message.value)
        return self._generation, slices
