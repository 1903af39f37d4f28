"""The local store lost, damaged, of another owner, or newer than ClickHouse: a cache, so all mends itself."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import Front
from tests.faults.damages import corrupt, delete, truncate, truncate_manifest
from tests.faults.journey import Journey
from tests.faults.parts import parts
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(400)  # most of it is waiting, and machines differ

Journeys = Callable[..., Journey]


@pytest.mark.parametrize("damage", [delete, truncate, truncate_manifest, corrupt])
def test_a_damaged_store(journeys: Journeys, damage: Callable[[Path], None]) -> None:
    journey = journeys()
    first, second = parts(30)
    journey.send(first)
    worker = journey.worker()
    journey.settle()
    assert worker.stop() == 0
    damage(journey.folder / "store" / "store")
    journey.send(second)
    worker = journey.worker()
    journey.settle()
    assert worker.stop() == 0
    journey.assert_right()


def test_a_store_deleted_under_a_running_worker(journeys: Journeys) -> None:
    journey = journeys()
    first, second = parts(31)
    journey.send(first)
    worker = journey.worker()
    journey.settle()
    shutil.rmtree(journey.folder / "store" / "store")
    journey.send(second)
    journey.settle()
    assert worker.stop() == 0
    journey.assert_right()


def test_a_store_that_is_older_than_what_another_owner_wrote(journeys: Journeys) -> None:
    journey = journeys()
    first, second, third = parts(32, 3)
    journey.send(first)
    worker = journey.worker("mine")
    journey.settle()
    assert worker.stop() == 0
    journey.send(second)
    worker = journey.worker("another's")
    journey.settle()
    assert worker.stop() == 0
    journey.send(third)
    worker = journey.worker("mine")
    journey.settle()
    assert worker.stop() == 0
    journey.assert_right()


def test_a_store_that_is_newer_than_a_restored_clickhouse(journeys: Journeys) -> None:
    """ClickHouse is put back to an earlier state while the worker is off; reading starts from there."""
    journey = journeys()
    put_back(journey, running=False)


def test_clickhouse_put_back_under_a_running_worker(journeys: Journeys) -> None:
    journey = journeys()
    put_back(journey, running=True)


def test_clickhouse_put_back_while_a_batch_is_written(journeys: Journeys, front: Front) -> None:
    """The batch ends in tables that lack what was written before it: its commits must not hide that."""
    journey = journeys()
    first, second, third = parts(34, 3)
    journey.send(first)
    worker = journey.worker(debug=True)
    journey.settle()
    saved = save(journey)
    journey.send(second)
    journey.settle()
    front.fail(seconds=2, match="INSERT INTO `rates`", stall=4)
    begun = len(worker.said("batch begins"))
    journey.send(third)
    eventually(lambda: len(worker.said("batch begins")) > begun)
    restore(journey, saved)
    eventually(lambda: worker.said("batch failed"))
    journey.settle()
    assert worker.stop() == 0
    journey.assert_right()


def put_back(journey: Journey, running: bool) -> None:
    first, second, third = parts(33, 3)
    journey.send(first)
    worker = journey.worker()
    journey.settle()
    saved = save(journey)
    journey.send(second)
    journey.settle()
    if not running:
        assert worker.stop() == 0
    restore(journey, saved)
    journey.send(third)
    if not running:
        worker = journey.worker()
    journey.settle()
    eventually(lambda: not journey.differences(journey.oracle()))
    assert worker.stop() == 0
    journey.assert_right()


def tables(journey: Journey) -> list[str]:
    sql = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
    return [name for (name,) in journey.database.query(sql) if not name.startswith("saved_")]


def save(journey: Journey) -> list[str]:
    names = tables(journey)
    for name in names:
        journey.database.command(f"CREATE TABLE saved_{name} CLONE AS {name}")
    return names


def restore(journey: Journey, names: list[str]) -> None:
    for name in names:
        journey.database.command(f"EXCHANGE TABLES {name} AND saved_{name}")
