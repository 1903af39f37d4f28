"""What an insert leaves behind: nothing that waits for the collector of cycles."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from sinks.clickhouse.database import Database
from tests.sinks.clickhouse.test_database import commit_row


class Values(list[object]):
    """A column that can be watched."""


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def watched(rows: int) -> tuple[dict[str, Values], list[weakref.ref[Values]]]:
    """Columns for the table `commits`, and what tells whether they are still there."""
    columns = {name: Values([value] * rows) for name, value in commit_row("H25", 1).items()}
    return columns, [weakref.ref(values) for values in columns.values()]


@pytest.mark.usefixtures("without_collector")
def test_the_rows_of_an_insert_are_gone_with_it(either: Database) -> None:
    columns, seen = watched(1000)
    either.insert("commits", columns)
    del columns
    assert [ref() for ref in seen] == [None] * len(seen)


@pytest.mark.usefixtures("without_collector")
def test_inserts_make_nothing_that_the_collector_would_have_to_find(either: Database) -> None:
    either.insert("commits", watched(1)[0])
    gc.collect()
    for _ in range(20):
        either.insert("commits", watched(10)[0])
    assert gc.collect() == 0
