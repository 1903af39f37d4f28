"""A worker is killed amid its inserts: what it left is mended when its agencies are taken over, not later.

Read again in other batches, a dossier may pass over a cell in which the broken batch had it: nothing would
touch that cell any more, and lag 0 would not mean that every rate is right.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sinks.clickhouse.database import Database
from streams.agencies.mending import rows_to_mend
from streams.agencies.moments import now_ms, today
from tests.streams.seams.log import Log
from tests.streams.seams.recording import Recorder
from tests.streams.seams.stories import ALL, MORNING
from tests.streams.seams.stream import Stream


class Killed(BaseException):
    """Stands for the end of the process: only that leaves a write without an end."""


def different(stream: Stream) -> list[str]:
    """The tables that hold anything otherwise than the ledgers."""
    ledgers = [ledger for ledger in stream._stages.owner._ledgers.values() if ledger.version]
    found = rows_to_mend(ledgers, stream.database, today(), now_ms())
    return sorted({table for rows in found for table, mended in rows.by_table.items() if mended})


def test_what_a_killed_worker_left_is_mended_at_the_take_over(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream(database, tmp_path, Recorder(), monkeypatch)
    stream.at(MORNING)
    log = Log(9)
    stream.take_over(ALL, log)
    first, second, _ = log.batches(3)
    stream.batch(first)
    insert = Database.insert

    def killed(database: Database, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        if table == "commits":
            raise Killed
        insert(database, table, columns)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "insert", killed)
        with pytest.raises(Killed):
            stream.batch(second)
    stream.restart()
    stream.take_over(ALL, log)
    assert different(stream) == []
    stream.batch(second)
    assert different(stream) == []
    stream.close()
