"""What the group gives and takes, and what a lease's beginning and end make of the worker's phase."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from emc.errors import BrokerUnavailable
from emc.waiting import Component, Waiting
from streams.batch.retrying import RetryUntilStopped
from streams.reading.lease import Lease
from streams.reading.topic import TopicFacts
from streams.supervision import tenancy as module
from streams.supervision.phases import Phase, Phases
from streams.supervision.tenancy import Tenancy
from streams.supervision.waits import Waits
from tests.streams.reading.given import lease

FACTS = TopicFacts("topic", 2)


def tenancy(known: Any = lambda: (FACTS, {0: 7})) -> Tenancy:
    return Tenancy(known, Phases(), Waits(RetryUntilStopped()))


def working() -> Tenancy:
    held = tenancy()
    held.begin(lease())
    for phase in (Phase.TAKING_OVER, Phase.WORKING):
        held.phases.enter(phase)
    return held


def seen(held: Tenancy, given: Lease) -> tuple[Phase, bool]:
    """The phase, and whether the lease has ended."""
    return held.phases.present, given.is_revoked


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await scenario()

    asyncio.run(main())


def test_where_clickhouse_knows_nothing_reading_begins_at_the_beginning() -> None:
    async def scenario() -> None:
        assert await tenancy().positions({0, 1}) == (FACTS, {0: 7, 1: 0})

    run(scenario)


def test_who_cannot_be_asked_is_waited_for() -> None:
    def nobody() -> Any:
        raise BrokerUnavailable("Kafka at nowhere does not answer")

    async def scenario() -> None:
        held = tenancy(nobody)
        with pytest.raises(BrokerUnavailable):
            await held.positions({0})
        assert held.waits.present == Waiting(Component.KAFKA, "Kafka at nowhere does not answer")

    run(scenario)


def test_only_what_was_taken_over_is_worked_on() -> None:
    async def scenario() -> None:
        held = tenancy()
        held.begin(lease())
        assert held.partitions == frozenset()
        held.phases.enter(Phase.TAKING_OVER)
        assert held.partitions == frozenset()
        held.phases.enter(Phase.WORKING)
        assert held.partitions == {0, 1}

    run(scenario)


@pytest.mark.parametrize("phase", [Phase.TAKING_OVER, Phase.WORKING, Phase.YIELDING])
def test_a_lease_that_ends_leaves_something_to_be_joined(phase: Phase) -> None:
    async def scenario() -> None:
        held = tenancy()
        held.begin(given := lease())
        ways = {Phase.WORKING: (Phase.TAKING_OVER, Phase.WORKING)}
        for each in ways.get(phase, (phase,)):
            held.phases.enter(each)
        held.end()
        assert given.is_revoked
        assert held.phases.present is Phase.JOINING

    run(scenario)


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.PAUSED, Phase.LEAVING])
def test_a_lease_that_ends_changes_nothing_for_who_waits_or_leaves(phase: Phase) -> None:
    async def scenario() -> None:
        held = tenancy()
        held.begin(given := lease())
        held.phases.enter(phase)
        held.end()
        assert given.is_revoked
        assert held.phases.present is phase

    run(scenario)


def test_partitions_are_given_back_when_the_batch_at_hand_has_ended() -> None:
    async def scenario() -> None:
        held = working()
        given = held.lease
        assert given is not None
        async with held.busy:
            giving = asyncio.create_task(held.give_back())
            await asyncio.sleep(0)
            assert seen(held, given) == (Phase.YIELDING, False)
        await asyncio.wait_for(giving, 1)
        assert seen(held, given) == (Phase.JOINING, True)

    run(scenario)


def test_a_batch_that_does_not_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FINISH_TIMEOUT", 0.01)

    async def scenario() -> None:
        held = working()
        given = held.lease
        assert given is not None
        async with held.busy:
            await asyncio.wait_for(held.give_back(), 1)
        assert seen(held, given) == (Phase.JOINING, True)

    run(scenario)


def test_nothing_begins_between_the_last_batch_and_the_giving_back() -> None:
    """Who wants to begin stands behind who gives back, and finds the lease at its end."""

    async def scenario() -> None:
        held = working()
        given, found = held.lease, list[bool]()
        assert given is not None

        async def begin() -> None:
            async with held.busy:
                found.append(given.is_revoked)

        async with held.busy:
            giving = asyncio.create_task(held.give_back())
            await asyncio.sleep(0)
            beginning = asyncio.create_task(begin())
            await asyncio.sleep(0)
        await asyncio.gather(giving, beginning)
        assert found == [True]

    run(scenario)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Phase.JOINING, Phase.WAITING),
        (Phase.WAITING, Phase.WAITING),
        (Phase.PAUSED, Phase.PAUSED),
        (Phase.LEAVING, Phase.LEAVING),
    ],
)
def test_what_is_given_up_waits_unless_something_else_is_to_be(before: Phase, after: Phase) -> None:
    async def scenario() -> None:
        held = tenancy()
        held.begin(given := lease())
        if before is not Phase.JOINING:
            held.phases.enter(before)
        held.give_up()
        assert given.is_revoked
        assert held.phases.present is after

    run(scenario)


def test_the_nearest_cause_is_told_first() -> None:
    waits = Waits(RetryUntilStopped())
    told = [waits.present]
    waits.stream = Waiting(Component.KAFKA, "Kafka")
    told.append(waits.present)
    waits.batch = Waiting(Component.CLICKHOUSE, "a batch to succeed")
    told.append(waits.present)
    assert told == [None, waits.stream, waits.batch]


@pytest.mark.parametrize("at", [Phase.TAKING_OVER, Phase.WORKING])
def test_a_lease_that_begins_while_another_is_at_hand_is_taken_over_in_its_place(at: Phase) -> None:
    async def scenario() -> None:
        held, first, second = tenancy(), lease(), lease()
        held.begin(first)
        for phase in (Phase.TAKING_OVER, Phase.WORKING)[: 1 + (at is Phase.WORKING)]:
            held.phases.enter(phase)
        held.begin(second)
        assert seen(held, first) == (Phase.JOINING, True)
        assert (held.lease, second.is_revoked) == (second, False)

    run(scenario)
