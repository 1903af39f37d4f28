"""What was fetched of a partition at once."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from streams.reading.lease import Lease
from streams.reading.weight import weight_of


class Slice(NamedTuple):
    """Records of one partition in the order of their offsets; there may be none.

    `first_offset`: where it was fetched from, `next_offset`: where reading goes on after it. Between them may
    lie what is no message: markers of transactions, and what a transaction held that was aborted.
    `weight`: see `weight_of`; by it batches are bounded.
    """

    lease: Lease
    partition: int
    records: Sequence[Any]
    first_offset: int
    next_offset: int
    weight: int

    @classmethod
    def of(cls, lease: Lease, partition: int, records: Sequence[Any]) -> "Slice":
        """A slice of just these records, at least one."""
        return cls(lease, partition, records, records[0].offset, records[-1].offset + 1, weight_of(records))
