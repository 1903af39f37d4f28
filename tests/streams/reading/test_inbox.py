"""The inbox holds slices of the present lease only, in order, and no more than a batch."""

import asyncio
from typing import Any

import pytest

from streams.reading.continuity import Continuity
from streams.reading.inbox import Inbox
from tests.streams.reading.given import lease, slice_of


def offsets(slices: list[Any]) -> list[int]:
    return [record.offset for each in slices for record in each.records]


def test_slices_are_taken_all_at_once_in_their_order() -> None:
    async def scenario() -> None:
        inbox, held = Inbox(), lease()
        inbox.begin(held)
        await inbox.put(slice_of(held, 0, 3))
        await inbox.put(slice_of(held, 3, 2))
        assert offsets(await inbox.take()) == [0, 1, 2, 3, 4]

    asyncio.run(scenario())


def test_who_takes_waits_until_there_is_something() -> None:
    async def scenario() -> None:
        inbox, held = Inbox(), lease()
        inbox.begin(held)
        taking = asyncio.create_task(inbox.take())
        await asyncio.sleep(0)
        assert not taking.done()
        await inbox.put(slice_of(held, 0))
        assert offsets(await taking) == [0]

    asyncio.run(scenario())


def test_nothing_of_another_lease_gets_in() -> None:
    async def scenario() -> None:
        inbox, old, new = Inbox(), lease(), lease()
        inbox.begin(old)
        await inbox.put(slice_of(old, 0))
        inbox.begin(new)
        await inbox.put(slice_of(old, 1))
        await inbox.put(slice_of(new, 0))
        taken = await inbox.take()
        assert [each.lease for each in taken] == [new]
        assert (old.is_revoked, new.is_revoked) == (True, False)

    asyncio.run(scenario())


def test_without_a_lease_nothing_is_kept() -> None:
    async def scenario() -> None:
        inbox, held = Inbox(), lease()
        inbox.begin(held)
        inbox.end()
        await inbox.put(slice_of(held, 0))
        assert inbox.lease is None
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(inbox.take(), 0.01)

    asyncio.run(scenario())


def test_who_puts_waits_while_a_batch_is_there() -> None:
    async def scenario() -> None:
        inbox, held = Inbox(largest_batch=10), lease()
        inbox.begin(held)
        await inbox.put(slice_of(held, 0, size=10))
        putting = asyncio.create_task(inbox.put(slice_of(held, 1)))
        await asyncio.sleep(0)
        assert not putting.done()
        assert offsets(await inbox.take()) == [0]
        await putting
        assert offsets(await inbox.take()) == [1]

    asyncio.run(scenario())


@pytest.mark.parametrize("is_followed", [True, False])
def test_a_lease_that_ends_while_the_inbox_is_full_lets_go_of_who_waits(is_followed: bool) -> None:
    """Faust's agent goes through one slice after the other: held up here, it would read nothing any more."""

    async def scenario() -> None:
        inbox, held = Inbox(largest_batch=10), lease()
        inbox.begin(held)
        await inbox.put(slice_of(held, 0, size=10))
        putting = asyncio.create_task(inbox.put(slice_of(held, 1)))
        await asyncio.sleep(0)
        inbox.end()
        following = lease({0: 1})
        if is_followed:
            inbox.begin(following)
        await asyncio.wait_for(putting, 1)
        if is_followed:
            await inbox.put(slice_of(following, 1))
            assert offsets(await inbox.take()) == [1]

    asyncio.run(scenario())


def test_a_slice_behind_a_gap_is_not_taken_and_is_told_after_a_while() -> None:
    now = 0.0

    async def scenario() -> None:
        nonlocal now
        inbox, held = Inbox(Continuity(lambda: now)), lease()
        inbox.begin(held)
        await inbox.put(slice_of(held, 5))
        assert not inbox.has_gap()
        now = 2.0
        assert inbox.has_gap()
        inbox.begin(lease())
        assert not inbox.has_gap()

    asyncio.run(scenario())


def test_what_there_is_and_did_not_come_is_behind_whether_or_not_something_waits() -> None:
    async def scenario() -> None:
        inbox, held = Inbox(), lease()
        inbox.begin(held)
        await inbox.put(slice_of(held, 0, 3))
        reached = {0: 3, 1: 4, 7: 1}
        assert (inbox.is_empty, inbox.behind(reached)) == (False, {1: 0})
        await inbox.take()
        assert (inbox.is_empty, inbox.behind(reached)) == (True, {1: 0})

    asyncio.run(scenario())
