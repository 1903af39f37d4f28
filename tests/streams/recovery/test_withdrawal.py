"""Work in threads that is given up when nobody waits for it."""

import asyncio
import threading

import pytest

from streams.recovery.withdrawal import Look, Withdrawn, in_thread


def test_what_the_step_returns_or_raises_comes_back() -> None:
    async def scenario() -> None:
        assert await in_thread(lambda look: 7) == 7
        with pytest.raises(ValueError, match="x"):
            await in_thread(lambda look: int("x"))

    asyncio.run(scenario())


def test_cancelled_it_has_ended_when_it_raises() -> None:
    begun, raised = threading.Event(), threading.Event()

    def step(look: Look) -> None:
        begun.set()
        try:
            while not raised.wait(0.01):
                look()
        except Withdrawn:
            raised.set()
            raise

    async def scenario() -> None:
        work = asyncio.create_task(in_thread(step))
        await asyncio.to_thread(begun.wait)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert raised.is_set()

    asyncio.run(scenario())


def test_a_step_that_does_not_look_is_waited_for_however_often_it_is_cancelled() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def step(look: Look) -> None:
        begun.set()
        may_end.wait()

    async def scenario() -> None:
        work = asyncio.create_task(in_thread(step))
        await asyncio.to_thread(begun.wait)
        for _ in range(3):
            work.cancel()
            await asyncio.wait({work}, timeout=0.05)
            assert not work.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(scenario())
