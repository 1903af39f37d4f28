"""Which phases may follow each other: each pair that may, each that may not, and only on the loop."""

import asyncio
import threading
from itertools import pairwise, product

import pytest

from streams.supervision.phases import FOLLOWING, OutOfTurn, Phase, Phases

WAYS = {
    Phase.JOINING: (),
    Phase.TAKING_OVER: (Phase.TAKING_OVER,),
    Phase.WORKING: (Phase.TAKING_OVER, Phase.WORKING),
    Phase.YIELDING: (Phase.YIELDING,),
    Phase.PAUSED: (Phase.PAUSED,),
    Phase.WAITING: (Phase.WAITING,),
    Phase.LEAVING: (Phase.LEAVING,),
}
"""How a new worker gets to each phase."""
PAIRS = set(product(Phase, Phase))
ALLOWED = {(before, after) for before, following in FOLLOWING.items() for after in following}


def led_to(phase: Phase) -> Phases:
    phases = Phases()
    for each in WAYS[phase]:
        phases.enter(each)
    assert phases.present is phase
    return phases


@pytest.mark.parametrize(("before", "after"), sorted(ALLOWED))
def test_a_phase_that_may_follow_follows(before: Phase, after: Phase) -> None:
    async def scenario() -> None:
        phases = led_to(before)
        assert phases.may(after)
        phases.enter(after)
        assert phases.present is after

    asyncio.run(scenario())


@pytest.mark.parametrize(("before", "after"), sorted(PAIRS - ALLOWED))
def test_a_phase_that_may_not_follow_is_refused(before: Phase, after: Phase) -> None:
    async def scenario() -> None:
        phases = led_to(before)
        assert not phases.may(after)
        with pytest.raises(OutOfTurn):
            phases.enter(after)
        assert phases.present is before

    asyncio.run(scenario())


def test_a_lease_is_taken_over_before_anything_is_worked_on() -> None:
    assert {before for before, after in ALLOWED if after is Phase.WORKING} == {Phase.TAKING_OVER}


def test_whoever_leaves_does_nothing_else() -> None:
    assert FOLLOWING[Phase.LEAVING] == frozenset()
    assert all(Phase.LEAVING in FOLLOWING[phase] for phase in Phase if phase is not Phase.LEAVING)


def test_what_was_given_up_is_joined_anew_before_anything_is_taken_over() -> None:
    for phase in (Phase.WAITING, Phase.PAUSED):
        assert FOLLOWING[phase] <= {Phase.JOINING, Phase.WAITING, Phase.PAUSED, Phase.LEAVING}


def test_only_the_loop_changes_the_phase() -> None:
    async def scenario() -> None:
        phases, found = Phases(), list[str]()

        def elsewhere() -> None:
            try:
                phases.enter(Phase.TAKING_OVER)
            except RuntimeError as error:
                found.append(str(error))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert found
        assert phases.present is Phase.JOINING

    asyncio.run(scenario())


def test_who_waits_for_work_goes_on_while_there_is_work_only() -> None:
    async def scenario() -> None:
        phases = Phases()
        waiting = asyncio.create_task(phases.until_working())
        for before, after in pairwise((Phase.JOINING, Phase.TAKING_OVER, Phase.WORKING)):
            await asyncio.sleep(0)
            assert phases.present is before
            assert not waiting.done()
            phases.enter(after)
        await asyncio.wait_for(waiting, 1)
        phases.enter(Phase.YIELDING)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(phases.until_working(), 0.01)

    asyncio.run(scenario())
