"""ClickHouse put back to an earlier state is seen in `commits` and in `positions`, and is never hidden."""

from typing import Any

import pytest

from emc.errors import ComponentError
from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import EngineUnavailable
from streams.batch.commits import Committed, ReadUntil, durable
from streams.batch.failures import RestoredBehindUs
from streams.batch.retrying import RetryUntilStopped
from streams.batch.rollback_detector import RollbackDetector
from streams.batch.rows import COLUMNS, Rows
from streams.batch.writer import Writer


def progress(version: int, offset: int) -> Rows:
    """An agency's commit and its partition's position."""
    rows = Rows()
    rows["commits"].append(("H25", version, "topic", 3, offset, 0, 0, 0))
    rows["positions"].append(("topic", 3, offset, 0))
    return rows


def put(database: Database, rows: Rows) -> None:
    for table in ("commits", "positions"):
        database.insert(table, rows.columns(table))


@pytest.mark.parametrize("emptied", ["commits", "positions"])
def test_less_than_was_seen_before_is_noticed(database: Database, emptied: str) -> None:
    detector = RollbackDetector(database)
    put(database, progress(7, 70))
    assert detector.committed()["H25"].version == 7
    put(database, progress(8, 80))
    assert detector.committed()["H25"].version == 8
    database.command(f"TRUNCATE TABLE {emptied}")
    with pytest.raises(RestoredBehindUs):
        detector.committed()
    detector.forget()
    detector.committed()


def test_what_is_durable_comes_out_whole(database: Database) -> None:
    """Versions have 128 bits, and a topic that was made anew has positions beside those of the old one."""
    put(database, progress(2**127 + 1, 70))
    put(database, progress(2**127 + 3, 2**63 + 1))
    rows = Rows()
    rows["positions"].append(("topic", 4, 5, 0))
    rows["positions"].append(("another", 3, 9, 0))
    database.insert("positions", rows.columns("positions"))
    commits, positions = durable(database)
    assert commits == {"H25": Committed(2**127 + 3, ReadUntil("topic", 3, 2**63 + 1))}
    assert positions == {("topic", 3): 2**63 + 1, ("topic", 4): 5, ("another", 3): 9}


@pytest.mark.parametrize("emptied", ["commits", "positions"])
def test_less_than_was_written_is_noticed(database: Database, emptied: str) -> None:
    detector = RollbackDetector(database)
    put(database, progress(7, 70))
    detector.wrote(progress(7, 70))
    database.command(f"TRUNCATE TABLE {emptied}")
    with pytest.raises(RestoredBehindUs):
        detector.committed()


def test_commits_just_written_must_be_there_before_the_positions(database: Database) -> None:
    detector = RollbackDetector(database)
    with pytest.raises(RestoredBehindUs):
        detector.committed({"H25": 7})


def test_less_than_reading_began_with_is_noticed(database: Database) -> None:
    """Put back between the assignment of a partition and its take-over, before anything was seen."""
    put(database, progress(7, 70))
    detector = RollbackDetector(database)
    detector.committed()
    detector.expect("topic", {3: 70, 4: 0})
    detector.expect("another", {3: 0})
    database.command("TRUNCATE TABLE positions")
    detector = RollbackDetector(database)
    detector.committed()
    with pytest.raises(RestoredBehindUs):
        detector.expect("topic", {3: 70, 4: 0})


class Breaking(Database):
    """Does not answer to one insert of a table, then is there again."""

    def __init__(self, table: str) -> None:
        self.taken: list[str] = []
        self._table: str | None = table

    def insert(self, table: str, columns: Any) -> None:
        if table == self._table:
            self._table = None
            raise EngineUnavailable("ClickHouse does not answer")
        self.taken.append(table)


@pytest.mark.parametrize("table", ["events", "rates", "commits", "positions"])
def test_after_a_break_everything_is_written_once_more(table: str) -> None:
    database, rows, checked = Breaking(table), Rows(), list[str]()
    for name in COLUMNS:
        rows[name].append((0,) * len(COLUMNS[name]))
    writer = Writer(database, RetryUntilStopped())
    writer.write(rows, checked.append)
    writer.close()
    assert sorted(database.taken) == sorted([*COLUMNS, *COLUMNS])
    assert database.taken[-2:] == ["commits", "positions"]
    assert checked.count("commits") == 2 + (table == "commits")


class Unsteady(Database):
    """Does not answer to every other insert of the events."""

    def __init__(self) -> None:
        self.asked = 0

    def insert(self, table: str, columns: Any) -> None:
        self.asked += table == "events"
        if table == "events" and self.asked % 2:
            raise EngineUnavailable("ClickHouse does not answer")


def test_a_batch_that_was_broken_off_in_every_round_is_not_called_durable() -> None:
    rows = Rows()
    rows["events"].append((0,) * len(COLUMNS["events"]))
    writer = Writer(Unsteady(), RetryUntilStopped())
    with pytest.raises(ComponentError, match="broke off"):
        writer.write(rows, lambda _: None)
    writer.close()
