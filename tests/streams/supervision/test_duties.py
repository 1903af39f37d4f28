"""A duty goes on until the worker is to leave, whatever ends it before."""

import asyncio

import pytest

from streams.supervision import duties
from streams.supervision.duties import keep_on


def test_whatever_ends_a_duty_it_is_told_and_begun_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(duties, "_PAUSE", 0.0)
    endings: list[BaseException | None] = [ValueError("a value"), asyncio.CancelledError(), None]

    async def duty() -> None:
        if endings and (ending := endings.pop(0)) is not None:
            raise ending

    times = iter([False, False, False, True])
    asyncio.run(keep_on("batches", duty, lambda: next(times)))
    told = [vars(record)["reason"] for record in caplog.records]
    assert told == ["ValueError", "CancelledElsewhere", "it has ended"]
    assert "a value" not in caplog.text


def test_a_duty_that_is_cancelled_with_its_worker_is_not_begun_again() -> None:
    begun = list[bool]()

    async def duty() -> None:
        begun.append(True)
        await asyncio.Event().wait()

    async def scenario() -> None:
        task = asyncio.create_task(keep_on("watch", duty, lambda: False))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()

    asyncio.run(scenario())
    assert begun == [True]
