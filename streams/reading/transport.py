"""A Faust transport that hands over slices: all records fetched from a partition at once, as one message.

Faust spends some 110 µs on every message that it delivers, whatever is inside. A slice is one message to
it: value the list of records, offset that of the last one. App, agents, consumer group, rebalances and
timers stay Faust's; the offset is committed by the worker, when the batch is durable.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiokafka.structs import ConsumerRecord
from faust.transport.drivers import TRANSPORTS, aiokafka
from faust.types import TP

Positions = Callable[[set[int]], Mapping[int, int]]


class SliceConsumer(aiokafka.Consumer):
    """Faust's consumer, with slices instead of messages and starting places from two witnesses."""

    positions: Positions | None = None
    """Where ClickHouse says that reading is to start, by partition. Called in a thread; may wait."""

    on_seek: Callable[[], Awaitable[None]] | None = None
    """Awaited before reading starts anew: nothing read earlier may be waiting any more."""

    told_starts: Callable[[Mapping[int, int]], None] | None = None
    """Told where reading starts, by partition."""

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109 – Faust's signature
        records, active = await super()._wait_next_records(timeout)
        if records:
            records = {tp: [_slice(found)] for tp, found in records.items() if found}
        return records, active

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Slices jump over offsets; the worker commits by itself, so nobody asks for the gaps."""

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Starts every partition at the smaller of Kafka's committed offset and ClickHouse's position."""
        if self.on_seek is not None:
            await self.on_seek()
        committed: dict[TP, int | None] = dict(await super().seek_to_committed())
        if self.positions is None:
            return {tp: offset or 0 for tp, offset in committed.items()}
        ours = {tp.partition for tp in committed}
        known = await asyncio.to_thread(self.positions, ours)
        start = {}
        for tp, offset in committed.items():
            first = start[tp] = min(offset or 0, known.get(tp.partition, 0))
            if first != offset:
                await self._seek(tp, first)
        if self.told_starts is not None:
            self.told_starts({tp.partition: offset for tp, offset in start.items()})
        return start

    def reached(self) -> dict[int, int]:
        """Up to where each partition was handed over to Faust."""
        consumer = self._thread._consumer
        subscription = consumer._subscription.subscription if consumer else None
        assignment = subscription.assignment if subscription else None
        states = {tp.partition: assignment.state_value(tp) for tp in assignment.tps} if assignment else {}
        return {n: state.position for n, state in states.items() if state and state.has_valid_position}

    def is_up_to_date(self, topic: str, partitions: int) -> bool:
        """Whether it knows of just these partitions, as the group's leader must, and has no others.

        Faust's leader leaves everybody what he had, also partitions that a topic created anew has not.
        """
        consumer = self._thread._consumer
        known = consumer.partitions_for_topic(topic) if consumer else None
        if known is None:  # it has not asked yet
            return True
        return len(known) == partitions and all(tp.partition < partitions for tp in self.assignment())

    async def commit_batch(self, offsets: Mapping[TP, int]) -> bool:
        """Commits the offsets to be read next; false when the partitions are another's by now."""
        ours = self.assignment()
        mine = {tp: offset for tp, offset in offsets.items() if tp in ours}
        done = bool(mine) and await self._commit(mine)
        if done:
            self._committed_offset.update(mine)
        return done


class Transport(aiokafka.Transport):
    """The driver `emc://`."""

    Consumer = SliceConsumer


def _slice(records: list[ConsumerRecord]) -> ConsumerRecord:
    last = records[-1]
    return ConsumerRecord(
        topic=last.topic,
        partition=last.partition,
        offset=last.offset,
        timestamp=last.timestamp,
        timestamp_type=last.timestamp_type,
        key=b"",
        value=records,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=(),
    )


TRANSPORTS.aliases["emc"] = "streams.reading.transport:Transport"
