"""What was fetched of a partition at once."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from streams.reading.lease import Lease


class Slice(NamedTuple):
    """Records of one partition (aiokafka's), at least one, in the order of their offsets.

    `next_offset`: where reading goes on after it, which may be further than behind the last record.
    `size`: what it weighs where slices are counted and bounded, see `size_of`.
    """

    lease: Lease
    partition: int
    records: Sequence[Any]
    next_offset: int
    size: int

    @classmethod
    def of(cls, lease: Lease, partition: int, records: Sequence[Any]) -> "Slice":
        """A slice that ends with its last record."""
        return cls(lease, partition, records, records[-1].offset + 1, size_of(records))


def size_of(records: Sequence[Any]) -> int:
    """The weight of records: bytes of their values. The one place where it is decided."""
    return sum(len(record.value or b"") for record in records)
