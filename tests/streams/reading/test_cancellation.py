"""A cancellation by whoever awaits passes, one within what is awaited is an error like others."""

import asyncio

import pytest

from streams.reading.cancellation import CancelledElsewhere, own_cancellation


async def forever() -> None:
    with own_cancellation():
        await asyncio.Event().wait()


def test_what_is_cancelled_elsewhere_is_an_error() -> None:
    async def scenario() -> None:
        awaited = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(awaited.cancel)
        with pytest.raises(CancelledElsewhere), own_cancellation():
            await asyncio.wait_for(awaited, 5)

    asyncio.run(scenario())


def test_the_cancellation_of_the_task_itself_passes() -> None:
    async def scenario() -> None:
        task = asyncio.create_task(forever())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()

    asyncio.run(scenario())


def test_a_timeout_around_it_remains_one() -> None:
    async def scenario() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await forever()

    asyncio.run(scenario())
