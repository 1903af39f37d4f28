"""What was fetched of a partition at once."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from streams.reading.lease import Lease
from streams.reading.weight import weight_of


class Slice(NamedTuple):
    """Records of one partition (aiokafka's), at least one, in the order of their offsets.

    `next_offset`: where reading goes on after it, which may be further than behind the last record.
    `weight`: see `weight_of`; by it batches are bounded.
    """

    lease: Lease
    partition: int
    records: Sequence[Any]
    next_offset: int
    weight: int

    @classmethod
    def of(cls, lease: Lease, partition: int, records: Sequence[Any]) -> "Slice":
        """A slice that ends with its last record."""
        return cls(lease, partition, records, records[-1].offset + 1, weight_of(records))
