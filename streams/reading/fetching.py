"""The thread in which aiokafka fetches: what it hands over, and from where to where it was fetched.

Only what is decided is read: records of a transaction that is not yet committed are not there yet, those of
an aborted one never are.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from faust.types import TP

from streams.reading.lease import Lease
from streams.reading.polling import BoundedThread
from streams.reading.records import Record, read_tolerantly
from streams.reading.slices import Slice
from streams.reading.weight import weight_of


class Fetched(NamedTuple):
    """Records of one partition, none perhaps, fetched between two offsets."""

    records: list[Record]
    first_offset: int
    next_offset: int

    def under(self, lease: Lease, tp: TP) -> Slice:
        """The same as a slice."""
        place = (self.first_offset, self.next_offset)
        return Slice(lease, tp.partition, self.records, *place, weight_of(self.records))


class FetchingThread(BoundedThread):
    """A thread with bounded polls, tolerant reading, and the positions of what it hands over."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        return consumer

    async def on_start(self) -> None:
        """Before the group gives it anything to fetch."""
        await super().on_start()
        assert self._consumer is not None
        read_tolerantly(self._consumer._fetcher)

    async def _fetch_records(self, consumer: Any, *args: Any, **more: Any) -> Any:
        """What was fetched, by partition, also where only the position has moved."""
        assignment, before = _positions(consumer)
        records: Mapping[TP, list[Record]] = await super()._fetch_records(consumer, *args, **more)
        same, after = _positions(consumer)
        if assignment is not same:  # partitions moved meanwhile: what lies before is not known
            return {
                tp: Fetched(found, found[0].offset, found[-1].offset + 1) for tp, found in records.items()
            }
        return {
            tp: Fetched(records.get(tp, []), before[tp], offset)
            for tp, offset in after.items()
            if tp in before and offset > before[tp]
        }


def _positions(consumer: Any) -> tuple[Any, dict[TP, int]]:
    """The present assignment of an aiokafka consumer, and where each of its partitions is."""
    subscription = consumer._subscription.subscription
    assignment = subscription.assignment if subscription else None
    states = {tp: assignment.state_value(tp) for tp in assignment.tps} if assignment else {}
    return assignment, {
        tp: state.position for tp, state in states.items() if state and state.has_valid_position
    }
