"""Workers stopped, continued, asked to end, started in vain, with a wrong clock."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import Front
from tests.faults.journey import Journey
from tests.faults.parts import parts
from tests.faults.workers import Nursery, WorkerProcess
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(400)  # most of it is waiting, and machines differ

Journeys = Callable[..., Journey]


def moments(worker: WorkerProcess, message: str) -> list[str]:
    """When it said this, as sortable text."""
    return [line["time"] for line in worker.said(message)]


def test_a_stopped_owner_continues_and_writes_late(journeys: Journeys, front: Front) -> None:
    """The old owner stops amid its inserts, another finishes the batch, then the old one goes on."""
    journey = journeys(partitions=1)
    first, second, third = parts(40, 3)
    journey.send(first)
    old = journey.worker("old", session=1.0, debug=True)
    journey.settle()
    front.fail(seconds=2, match="INSERT INTO `rates`", stall=3)
    journey.send(second)
    begun = len(moments(old, "batch ends"))
    eventually(lambda: len(moments(old, "batch begins")) > begun)
    time.sleep(0.5)
    old.signal(signal.SIGSTOP)
    heir = journey.worker("heir", session=1.0, debug=True)
    eventually(lambda: moments(heir, "batch ends") and journey.lag() == 0)
    before = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    time.sleep(1)
    old.signal(signal.SIGCONT)
    eventually(lambda: [moment for moment in moments(old, "written") if moment > before])
    journey.send(third)
    journey.settle()
    assert [old.stop(), heir.stop()] == [0, 0]
    journey.assert_right()


def test_sigterm_with_a_batch_in_flight(journeys: Journeys, front: Front) -> None:
    """It ends in time even if ClickHouse does not answer; another finishes."""
    journey = journeys()
    first, second = parts(41)
    journey.send(first)
    worker = journey.worker(debug=True)
    journey.settle()
    front.fail(seconds=3, match="INSERT", stall=25)
    journey.send(second)
    begun = len(moments(worker, "batch ends"))
    eventually(lambda: len(moments(worker, "batch begins")) > begun)
    assert worker.stop(10) == 0
    heir = journey.worker()
    journey.settle()
    assert heir.stop() == 0
    journey.assert_right()


def test_sigterm_lets_a_batch_finish(journeys: Journeys, front: Front) -> None:
    """Given the time for it, as a busy machine may need more than it has in earnest."""
    journey = journeys()
    worker = journey.worker(debug=True, finish=60)
    journey.settle()
    front.fail(seconds=3, match="INSERT INTO `dossiers`", stall=1)
    journey.send(parts(42, 1)[0])
    eventually(lambda: moments(worker, "batch begins"))
    assert worker.stop(100) == 0
    assert not worker.said("ending although ClickHouse has not answered")
    assert len(moments(worker, "batch begins")) == len(moments(worker, "batch ends"))
    heir = journey.worker()
    journey.settle()
    assert heir.stop() == 0
    journey.assert_right()


def test_a_start_without_kafka_ends(nursery: Nursery, journeys: Journeys) -> None:
    journey = journeys()
    journey.bootstrap = "127.0.0.1:9"
    assert journey.worker().wait(30) == 1


def test_a_start_with_a_kafka_that_does_not_answer_ends(journeys: Journeys) -> None:
    import socket

    journey = journeys()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        journey.bootstrap = f"127.0.0.1:{mute.getsockname()[1]}"
        assert journey.worker().wait(30) == 1


def test_a_clock_that_jumps(journeys: Journeys, tmp_path: Path) -> None:
    """The worker's clock goes forward three days and back an hour behind, while events flow."""
    clock = tmp_path / "clock"
    clock.write_text("0")
    journey = journeys()
    worker = journey.worker(clock=str(clock))
    for part, offset in zip(parts(43, 4), (0, 3 * 86_400, -3600, 0), strict=True):
        clock.write_text(str(offset))
        journey.send(part)
        journey.settle()
    time.sleep(1)
    assert worker.stop() == 0
    journey.assert_right()
