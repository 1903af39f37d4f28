"""Leases and slices without a broker."""

from collections.abc import Mapping
from types import SimpleNamespace

from streams.reading.lease import Lease
from streams.reading.slices import Slice
from streams.reading.topic import TopicFacts


def lease(starts: Mapping[int, int] | None = None) -> Lease:
    """Of two partitions read from their beginning, unless said."""
    starts = {0: 0, 1: 0} if starts is None else starts
    return Lease(TopicFacts("topic", 2), starts, dict.fromkeys(starts, 0))


def slice_of(under: Lease, first: int, number: int = 1, partition: int = 0, size: int = 1) -> Slice:
    """So many records from an offset on, each with a value of that size."""
    offsets = range(first, first + number)
    return Slice.of(under, partition, [SimpleNamespace(offset=n, value=b"x" * size) for n in offsets])
