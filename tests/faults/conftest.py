"""What the tests of faults share: a broker with short timeouts, the engine behind HTTP, and a nursery."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

import pytest

from deploy.broker import Broker, Options
from tests.engine import Front
from tests.faults.journey import Journey
from tests.faults.workers import Nursery

PROPERTIES = {"group.min.session.timeout.ms": "500", "group.initial.rebalance.delay.ms": "0"}


@pytest.fixture(scope="package")
def quick_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that takes members for dead after half a second if they wish so."""
    with Broker(tmp_path_factory.mktemp("quick-broker"), options=Options(properties=PROPERTIES)) as started:
        yield started


@pytest.fixture(scope="package")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The engine in a process of its own."""
    with Front(tmp_path_factory.mktemp("front")) as started:
        yield started


@pytest.fixture(scope="package")
def nursery() -> Iterator[Nursery]:
    """Where worker processes come from."""
    with Nursery() as started:
        yield started


@pytest.fixture
def journeys(
    quick_broker: Broker, front: Front, nursery: Nursery, tmp_path: Path
) -> Iterator[Callable[..., Journey]]:
    """Makes journeys: topics and databases of their own on the shared broker and engine."""
    with ExitStack() as stack:

        def make(bootstrap: str = "", partitions: int = 4) -> Journey:
            folder = Path(mkdtemp(dir=tmp_path))
            journey = Journey(bootstrap or quick_broker.bootstrap, front, nursery, folder, partitions)
            stack.callback(journey.close)
            return journey

        yield make
