"""Polls are bounded by bytes, and lose nothing. What aiokafka has fetched is given by the test."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import CorruptRecordException
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from streams.reading.polling import BoundedThread
from streams.reading.weight import MIB, POLL, size_of


class Fetched:
    """Records of partitions, or an error, as they lie in aiokafka's fetcher."""

    def __init__(self, partitions: dict[str, list[Any]]) -> None:
        self.left = partitions

    def hand_over(self, most: int) -> dict[str, Any]:
        found: dict[str, list[Any]] = {}
        for name, records in list(self.left.items()):
            if records and isinstance(records[0], Exception):
                if found:
                    break
                raise records.pop(0)
            good = next((n for n, each in enumerate(records) if isinstance(each, Exception)), len(records))
            taken = min(most, good)
            found[name], self.left[name] = records[:taken], records[taken:]
            most -= len(found[name])
            if not most:
                break
        return {name: records for name, records in found.items() if records}


def records(number: int, size: int) -> list[Any]:
    return [SimpleNamespace(offset=n, value=b"x" * size) for n in range(number)]


def polls(monkeypatch: pytest.MonkeyPatch, fetched: Fetched) -> Iterator[dict[str, list[Any]]]:
    async def hand_over(*arguments: Any) -> dict[str, Any]:
        return fetched.hand_over(arguments[-1])

    monkeypatch.setattr(AIOKafkaConsumerThread, "_fetch_records", hand_over)
    thread = BoundedThread.__new__(BoundedThread)
    while found := asyncio.run(thread._fetch_records(None, None, 1.0, 20_000)):
        yield found


@pytest.mark.parametrize("size", [1, 400, 50_000, MIB, 3 * MIB])
def test_a_poll_takes_what_fits_and_leaves_the_rest(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    number = min(4 * POLL // (size + 700), 20_000)
    given = {"a": records(number, size), "b": records(number, size)}
    seen: dict[str, list[Any]] = {"a": [], "b": []}
    for found in polls(monkeypatch, Fetched(dict(given))):
        sizes = [size_of(record) for each in found.values() for record in each]
        assert sum(sizes) <= POLL + max(sizes)
        for name, each in found.items():
            seen[name] += each
    assert seen == given


def test_sizes_that_change_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"a": records(2000, 10) + records(100, MIB)}
    for found in polls(monkeypatch, Fetched(dict(given))):
        assert sum(map(size_of, found["a"])) < POLL + 65 * MIB


def test_an_error_behind_records_is_raised_by_the_next_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"a": [*records(3, 10), CorruptRecordException("a")]}
    found = polls(monkeypatch, Fetched(given))
    assert len(next(found)["a"]) == 3
    with pytest.raises(CorruptRecordException):
        next(found)
