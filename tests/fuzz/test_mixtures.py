"""A short form of `make fuzz`: some mixtures from a seed that never changes."""

from pathlib import Path

import pytest

from deploy.broker import Broker
from tests.engine import embedded_database
from tests.fuzz.arena import Arena

pytestmark = pytest.mark.timeout(400)  # for a machine that is busy with other things


def test_mixtures_of_any_records_are_survived(
    broker: Broker, topic_names: tuple[str, str], tmp_path: Path
) -> None:
    with (
        embedded_database() as database,
        Arena(broker.bootstrap, topic_names[0], database, tmp_path, seed=20261128) as arena,
    ):
        for _ in range(12):
            arena.play()
        assert arena.audited() == 0
        assert len(arena.kinds) > 9
