"""A worker killed at every point of a batch; another goes on; every number is right.

One test for each point: right before and right after each table's insert, the delivery of rejected events,
the local store's write and the acknowledgement. Most of the time is waiting, so the journeys run side by
side.
"""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deploy.broker import Broker
from emc.instants import today
from tests.engine import Front
from tests.faults.journey import Journey
from tests.faults.points import POINTS
from tests.faults.workers import Nursery
from tests.histories import Shape, history

pytestmark = pytest.mark.timeout(400)  # most of it is waiting, and machines differ

SMALL = Shape(dossiers=16, catalogue=10, declarations=6, heartbeats=1, agencies=("H25", "H42", "G12"))
SIDE_BY_SIDE = 4
QUICK: dict[str, Any] = {"small_batches": True, "session": 1.0}


class Outcome(NamedTuple):
    """How each worker ended, and what is different from the oracle in the end."""

    before: int
    after: int
    plain: int
    different: dict[str, list[Any]]


def two_kills(journey: Journey, point: str) -> Outcome:
    """A worker dies before the point, the next one after it, a third one finishes."""
    first, second = history(POINTS.index(point), today(), SMALL), history(100, today(), SMALL)
    journey.send(first)
    before = journey.worker(**QUICK, kill=[point, "before", 2]).wait()
    journey.send(second)
    after = journey.worker(**QUICK, kill=[point, "after", 2]).wait()
    heir = journey.worker(**QUICK)
    journey.settle(90)
    plain = heir.stop()
    oracle = journey.oracle()
    assert oracle.accepted > 200
    return Outcome(before, after, plain, journey.differences(oracle))


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest,
    quick_broker: Broker,
    front: Front,
    nursery: Nursery,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Outcome]]:
    """The outcome of each journey; all that were asked for have begun."""
    folder: Path = tmp_path_factory.mktemp("kill-points")

    def run(point: str) -> Outcome:
        own = folder / point
        own.mkdir()
        journey = Journey(quick_broker.bootstrap, front, nursery, own)
        try:
            return two_kills(journey, point)
        finally:
            journey.close()

    tests = [each for each in request.session.items if isinstance(each, pytest.Function)]
    points = {str(each.callspec.params["point"]): None for each in tests if each.module is request.module}
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        begun = {point: pool.submit(run, point) for point in points}
        yield lambda point: begun[point].result()
        for future in begun.values():
            future.cancel()


@pytest.mark.parametrize("point", POINTS)
def test_killed_right_before(outcomes: Callable[[str], Outcome], point: str) -> None:
    outcome = outcomes(point)
    assert outcome.before == -signal.SIGKILL
    assert outcome.different == {}


@pytest.mark.parametrize("point", POINTS)
def test_killed_right_after(outcomes: Callable[[str], Outcome], point: str) -> None:
    outcome = outcomes(point)
    assert outcome.after == -signal.SIGKILL
    assert outcome.plain == 0
    assert outcome.different == {}
