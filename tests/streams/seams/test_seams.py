"""What is sent, inserted, stored and acknowledged is what it was, for every story.

Changed on purpose (a new column, another judgement)? `RECORD=renew pytest tests/streams/seams` writes the
records anew: the difference shows what the change reaches, and belongs into the same commit.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import embedded_database
from tests.streams.seams.recording import Recorder
from tests.streams.seams.stories import STORIES
from tests.streams.seams.stream import Stream

RECORDS = Path(__file__).parent / "records"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_seams_are_given_the_same_as_ever(
    story: Callable[[Stream], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder()
    with embedded_database() as database:
        stream = Stream(database, tmp_path, recorder, monkeypatch)
        story(stream)
        stream.close()
    file, lines = RECORDS / f"{story.__name__}.txt", recorder.lines()
    if os.environ.get("RECORD") == "renew":
        file.write_text("\n".join(lines) + "\n", "utf-8")
    assert lines == file.read_text("utf-8").splitlines()
