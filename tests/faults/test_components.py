"""Kafka, ClickHouse and the disk fail and come back: the worker waits, says so, and goes on by itself."""

import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.broker import Broker, Options
from tests.engine import Front
from tests.faults.conftest import PROPERTIES
from tests.faults.journey import Journey
from tests.faults.parts import parts
from tests.faults.workers import Nursery, WorkerProcess
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(400)  # most of it is waiting, and machines differ

Journeys = Callable[..., Journey]
TOO_MANY_PARTS, NO_MEANING = 252, -1


def waits(worker: WorkerProcess, words: str) -> bool:
    """Whether it has said that it waits for this."""
    return any(words in str(line) for line in worker.logged() if line["level"] in ("warning", "error"))


@pytest.mark.parametrize("code", [TOO_MANY_PARTS, NO_MEANING])
def test_clickhouse_refuses_for_a_while(journeys: Journeys, front: Front, code: int) -> None:
    journey = journeys()
    first, second = parts(code)
    journey.send(first)
    worker = journey.worker(session=2.0)
    journey.settle()
    front.fail(seconds=4, match="INSERT", code=code)
    journey.send(second)
    eventually(lambda: waits(worker, "ClickHouse at"))
    journey.settle()
    assert worker.said("going on")
    assert worker.stop() == 0
    journey.assert_right()


def test_clickhouse_answers_late(journeys: Journeys, front: Front) -> None:
    journey = journeys()
    first, second = parts(5)
    journey.send(first)
    worker = journey.worker(session=2.0)
    journey.settle()
    front.fail(seconds=1, match="INSERT INTO `rates`", stall=5)
    journey.send(second)
    journey.settle()
    assert worker.stop() == 0
    journey.assert_right()


def test_clickhouse_is_killed_and_comes_back(quick_broker: Broker, nursery: Nursery, tmp_path: Path) -> None:
    with Front(tmp_path / "engine") as front:
        journey = Journey(quick_broker.bootstrap, front, nursery, tmp_path)
        first, second = parts(6)
        journey.send(first)
        worker = journey.worker(session=2.0)
        journey.settle()
        port = front.port
        front.kill()
        journey.send(second)
        eventually(lambda: waits(worker, "ClickHouse at"))
        with Front(tmp_path / "engine", port):
            journey.settle()
            assert worker.stop() == 0
            journey.assert_right()
            journey.close()


def test_the_broker_stops_and_comes_back(journeys: Journeys, tmp_path: Path) -> None:
    with Broker(tmp_path / "broker", options=Options(properties=PROPERTIES)) as broker:
        journey = journeys(broker.bootstrap)
        first, second = parts(7)
        journey.send(first)
        worker = journey.worker(session=2.0)
        journey.settle()
        broker.stop()
        eventually(lambda: waits(worker, "Kafka at") or worker.said("starting the stream again"))
        time.sleep(10)
        broker.start()
        journey.send(second)
        journey.settle(100)
        assert worker.stop() == 0
        journey.assert_right()


def test_the_disk_of_the_local_store_is_full(journeys: Journeys) -> None:
    """No file may grow any more: RLIMIT_FSIZE set from outside, and lifted."""
    journey = journeys()
    first, second = parts(8)
    journey.send(first)
    worker = journey.worker(session=2.0)
    journey.settle()
    _, hard = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (4096, hard))
    journey.send(second)
    time.sleep(4)
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (hard, hard))
    journey.settle()
    assert worker.stop() == 0
    journey.assert_right()
