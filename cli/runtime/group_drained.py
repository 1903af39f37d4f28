"""Seeing that no worker of a deployment writes, before its tables are exchanged."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from cli import printing
from emc.errors import ComponentError
from streams.reading.topic import TopicReader

_LOOK = 1.0


async def group_empty(topic: TopicReader, patience: float) -> None:
    """Returns once the consumer group has no member; ComponentError after `patience` seconds."""
    deadline = time.monotonic() + patience
    told = False
    while members := await asyncio.to_thread(topic.members):
        if time.monotonic() >= deadline:
            raise ComponentError(
                f"workers of the group {topic.group} are running ({members}): stop them first, they go on"
                " later"
            )
        if not told:
            printing.say(
                f"Ready. Stop the workers now ({members}); they can be started again in a moment.", err=True
            )
            told = True
        await asyncio.sleep(_LOOK)


def stopped_by_hand(topic: TopicReader, patience: float) -> Callable[[], AbstractAsyncContextManager[None]]:
    """For a rebuild: waits until the workers were stopped."""

    @asynccontextmanager
    async def stopped() -> AsyncIterator[None]:
        await group_empty(topic, patience)
        yield

    return stopped
