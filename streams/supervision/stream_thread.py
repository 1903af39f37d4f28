"""The one thread on which agencies are held and batches become durable."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class StreamThread:
    """Runs one step after the other."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="stream")
        self._newest: Future[Any] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a step is under way."""
        return self._newest is not None and not self._newest.done()

    async def run(self, step: Callable[..., T], *args: Any) -> T:
        """The step's result. A step that has begun ends, also when nobody awaits it any more."""
        self._newest = future = self._pool.submit(step, *args)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Returns when the step under way has ended."""
        self._pool.shutdown(wait=True)
