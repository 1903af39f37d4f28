"""What pages remember: nothing that was written since, nothing of others, no more than there is room for."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from emc.access import Caller
from portal.access.guard import Seen
from portal.reading.memory import Memory
from portal.reading.remembered import Remembered
from sinks.clickhouse.database import Database
from sinks.queries.reader import RateQuery, Reader
from sinks.queries.visible import NotVisible, Visible
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.test_reading import add_rate

MARCH = RateQuery(start="2024-03-01")


def test_an_answer_is_given_again_until_something_is_written_or_it_is_too_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("portal.reading.memory.time", SimpleNamespace(monotonic=lambda: now))
    memory = Memory(longest=60.0)
    assert memory.recall("q", 1, lambda: b"a") == b"a"
    assert memory.recall("q", 1, lambda: b"b") == b"a"
    assert memory.recall("q", 2, lambda: b"c") == b"c"
    assert memory.recall("q", 1, lambda: b"d") == b"d", "a mark that is not the last one's"
    now += 59.9
    assert memory.recall("q", 1, lambda: b"e") == b"d"
    now += 0.1
    assert memory.recall("q", 1, lambda: b"f") == b"f"


def test_memory_is_bounded_by_number_and_by_weight() -> None:
    memory = Memory(answers=3, weight=100)
    for question in "abcd":
        memory.recall(question, 1, lambda: b"." * 10)
    assert list(memory._kept) == ["b", "c", "d"]
    memory.recall("b", 1, lambda: b"never asked")
    memory.recall("e", 1, lambda: b"." * 85)
    assert (list(memory._kept), memory._kept.weight) == (["b", "e"], 95)
    assert memory.recall("f", 1, lambda: b"." * 101) == b"." * 101
    assert (list(memory._kept), memory._kept.weight) == ([], 0)


def test_who_asks_meanwhile_waits_for_the_same_answer_and_gets_its_error() -> None:
    memory, go, runs = Memory(), threading.Event(), list[int]()

    def ask() -> bytes:
        runs.append(1)
        go.wait(20)
        raise ZeroDivisionError

    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(memory.recall, "q", 1, ask) for _ in range(20)]
        while not all(each.running() for each in asked):
            time.sleep(0.01)
        go.set()
        assert all(isinstance(each.exception(), ZeroDivisionError) for each in asked)
    assert len(runs) < 20
    assert memory.recall("q", 1, lambda: b"whole") == b"whole"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A rate of H25 and one of H26."""
    with embedded_database() as made:
        add_rate(made, "H25", 1, 1)
        add_rate(made, "H26", 7, 1)
        yield made


def reading(memory: Memory, database: Database, agency: str | None) -> Remembered:
    """As for a page of a caller."""
    own = None if agency is None else frozenset({agency})
    reader = Reader(database, registry(), Visible(own, own))
    return Remembered(memory, Seen(Caller(agency, frozenset()), reader))


def test_what_others_asked_is_not_told_to_who_may_not_see_it(database: Database) -> None:
    memory = Memory()
    everybodys = reading(memory, database, None).rates(MARCH)
    assert {rate.get("agency") for rate in everybodys} >= {"H25", "H26"}
    for _ in range(2):
        own = reading(memory, database, "H25").rates(MARCH)
        assert {rate["agency"] for rate in own if "agency" in rate} == {"H25"}
    of_h26 = RateQuery(agency="H26", start="2024-03-01")
    assert reading(memory, database, "H26").rates(of_h26)[0]["numerator"] == 7
    assert reading(memory, database, "H26").warnings("H26") == []
    with pytest.raises(NotVisible):
        reading(memory, database, "H25").rates(of_h26)
    with pytest.raises(NotVisible):
        reading(memory, database, "H25").warnings("H26")


def test_what_was_written_is_on_the_next_page_and_nobody_changes_what_others_get(database: Database) -> None:
    memory = Memory()
    first = reading(memory, database, "H25").rates(MARCH, [("data_reuse", "received")])
    first[0]["numerator"] = 99
    again = reading(memory, database, "H25").rates(MARCH, [("data_reuse", "received")])
    assert again[0]["numerator"] == 1
    add_rate(database, "H25", 5, 2)
    after = reading(memory, database, "H25").rates(MARCH, [("data_reuse", "received")])
    assert after[0]["numerator"] == 5
    assert reading(memory, database, "H25").periods("month") == Reader(database, registry()).periods("month")
