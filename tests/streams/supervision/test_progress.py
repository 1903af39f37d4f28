"""What the worker's log says while it counts."""

import pytest

from emc.settings.upkeep import Upkeep
from streams.batch.batch import Done
from streams.batch.retrying import RetryUntilStopped
from streams.reading.topic import TopicFacts
from streams.supervision.phases import Phases
from streams.supervision.progress import Progress
from streams.supervision.tenancy import Tenancy
from streams.supervision.waits import Waits


def test_one_line_a_minute_tells_what_was_counted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The clock is set by hand: nobody waits two minutes for it."""
    caplog.set_level("INFO", "emc.worker")
    now = 1000.0
    monkeypatch.setattr("streams.supervision.progress.time.monotonic", lambda: now)
    tenancy = Tenancy(lambda: (TopicFacts("topic", 1), {}), Phases(), Waits(RetryUntilStopped()))
    progress = Progress(Upkeep(), tenancy)
    for _ in range(130):
        now += 1
        progress.count(Done({}, 10, 1, 0, {}, []))
    told = [(vars(one)["accepted"], vars(one)["rejected"], vars(one)["seconds"]) for one in caplog.records]
    assert told == [(600, 60, 60), (600, 60, 60)]
