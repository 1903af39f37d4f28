"""Weights are what records become: measured again, over events that count and messages that are refused."""

import gc
import itertools
import tracemalloc
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.load import PACKINGS, countable, packed
from emc.registry import load_registry
from streams.batch.gathering import Gatherer
from streams.reading.lease import Lease
from streams.reading.slices import Slice
from streams.reading.topic import TopicFacts
from streams.reading.weight import FETCH, LARGEST_BATCH, MIB, POLL, QUEUE, held_at_most, weight_of

REGISTRY = load_registry()


def record(value: bytes | None, key: bytes = b"H25", place: int = 0) -> Any:
    kind = (("content-type", b"application/cloudevents-batch+json"),) if value and value[:1] == b"[" else ()
    return SimpleNamespace(
        key=key, value=value, headers=kind, offset=place, partition=0, timestamp=1_712_500_000_000
    )


def month(packing: str) -> list[Any]:
    messages = packed(itertools.islice(countable(REGISTRY, 0.02), 4000, 6000), PACKINGS[packing])
    return [record(value, key or b"", place) for place, (key, value, _, _) in enumerate(messages)]


def becomes(make: Callable[[], Sequence[Any]]) -> tuple[int, int]:
    """Bytes of the records and of what is judged of them; and their weight.

    As in a worker, nobody looks for cycles meanwhile: what makes them holds more than its weight.
    """
    gatherer = Gatherer("t", REGISTRY)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    records = make()
    gathered = gatherer.gather([Slice.of(lease(), 0, records)])
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    gc.enable()
    assert gathered.accepted + gathered.rejected
    return size, weight_of(records)


def lease() -> Lease:
    return Lease(TopicFacts("id", 1), {0: 0}, {0: 0})


REFUSED: dict[str, list[bytes]] = {
    "empty objects, a thousand each": [b"[" + b",".join([b"{}"] * 1000) + b"]"] * 10,
    "numbers, a thousand each": [b"[" + b",".join([b"1"] * 1000) + b"]"] * 10,
    "empty objects": [b"{}"] * 1000,
    "bytes": [b"x"] * 1000,
    "a mebibyte": [b"x" * MIB + b"%d" % n for n in range(5)],
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_weighs_at_least_what_it_becomes(kind: str) -> None:
    values = REFUSED[kind]
    size, weight = becomes(lambda: [record(bytes(bytearray(value))) for value in values])
    assert size < weight * 1.15


@pytest.mark.parametrize("packing", PACKINGS)
def test_what_counts_is_judged_within_its_share_of_the_weight(packing: str) -> None:
    size, weight = becomes(lambda: month(packing))
    assert size < weight * 0.7


def test_the_sum_leaves_room_below_the_limit_for_sixty_partitions() -> None:
    assert held_at_most(60) > 60 * FETCH + (2 + QUEUE) * POLL + 2 * LARGEST_BATCH
    assert held_at_most(60) < 600 * MIB
