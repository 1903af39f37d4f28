"""Nothing of a lease that has ended is taken over or folded."""

from pathlib import Path
from typing import Any

import pytest

from emc.registry import load_registry
from sinks.clickhouse.database import Database
from streams.agencies.owner import Owner
from streams.agencies.store import Store
from streams.batch.gathering import Gathered
from streams.batch.outbox import Outbox
from streams.batch.retrying import RetryUntilStopped
from streams.supervision.stages import build_stages
from tests.streams.reading.given import lease


class Silent(Database):
    """Must not be asked for anything."""

    def __init__(self) -> None:
        """Without an engine."""

    def query(self, sql: str, parameters: Any = None) -> list[Any]:
        raise AssertionError("ClickHouse was asked")


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    stages = build_stages(
        Silent(), Store(tmp_path), load_registry(), "events", Outbox("nowhere"), RetryUntilStopped()
    )
    return stages.owner


def test_a_lease_that_ended_before_its_take_over_began_is_not_taken_over(owner: Owner) -> None:
    given = lease()
    given.revoke()
    assert not owner.take_over(given)
    assert owner.agencies() == frozenset()


def test_what_was_gathered_under_a_lease_that_ended_is_not_folded(owner: Owner) -> None:
    given = lease()
    given.revoke()
    assert owner.fold(Gathered(given)) is None


def test_what_was_not_taken_over_cannot_be_folded(owner: Owner) -> None:
    """It must not be passed over either: the batch fails, and is read again."""
    with pytest.raises(AssertionError, match="taken over"):
        owner.fold(Gathered(lease()))
