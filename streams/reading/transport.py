"""A Faust transport that hands over slices: all records fetched from a partition at once, as one message.

Faust spends some 110 µs on every message that it delivers, whatever is inside. A slice is one message to
it: value the `Slice`, offset that before the next one's. App, agents, consumer group, rebalances and
timers stay Faust's; the offset is committed by the worker, when the batch is durable.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from aiokafka.structs import ConsumerRecord
from faust.transport.drivers import TRANSPORTS, aiokafka
from faust.types import TP

from streams.reading.fetching import Fetched, FetchingThread
from streams.reading.lease import Lease
from streams.reading.slices import Slice
from streams.reading.topic import TopicFacts


class Tenant(Protocol):
    """Who reads what the consumer fetches. All is called on the loop."""

    @property
    def lease(self) -> Lease | None:
        """Under which it reads now."""

    async def positions(self, partitions: set[int]) -> tuple[TopicFacts, Mapping[int, int]]:
        """The topic, and up to where ClickHouse has each of these partitions; may raise."""

    def begin(self, lease: Lease) -> None:
        """Reading begins."""

    def end(self) -> None:
        """Reading ends at once: it is about to begin anew, or the consumer is given up."""

    async def give_back(self) -> None:
        """Awaited before partitions are another's."""


class SliceConsumer(aiokafka.Consumer):
    """Faust's consumer, with slices instead of messages and starting places from two witnesses."""

    tenant: Tenant | None = None
    """None once the consumer is given up: what it still does while it ends concerns nobody."""

    def _new_consumer_thread(self) -> FetchingThread:
        return FetchingThread(self, loop=self.loop, beacon=self.beacon)

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109 – Faust's signature
        found: Any
        found, active = await super()._wait_next_records(timeout)
        lease = self.tenant.lease if self.tenant is not None else None
        if lease is None:  # fetched for nobody: it is read again under the next lease
            return {}, active
        fetched: dict[TP, Fetched] = found or {}
        return {tp: [_message(tp, each.under(lease, tp))] for tp, each in fetched.items()}, active

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Slices jump over offsets; the worker commits by itself, so nobody asks for the gaps."""

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Starts every partition at the smaller of Kafka's committed offset and ClickHouse's position."""
        tenant = self.tenant
        if tenant is None:
            return dict(await super().seek_to_committed())
        tenant.end()
        committed: dict[TP, int | None] = dict(await super().seek_to_committed())
        facts, known = await tenant.positions({tp.partition for tp in committed})
        starts = {}
        for tp, offset in committed.items():
            first = starts[tp] = min(offset or 0, known.get(tp.partition, 0))
            if first != offset:
                await self._seek(tp, first)
        if self.tenant is not None:
            tenant.begin(Lease(facts, {tp.partition: offset for tp, offset in starts.items()}, known))
        return starts

    def reached(self) -> dict[int, int]:
        """Up to where each partition was handed over to Faust."""
        consumer = self._thread._consumer
        subscription = consumer._subscription.subscription if consumer else None
        assignment = subscription.assignment if subscription else None
        states = {tp.partition: assignment.state_value(tp) for tp in assignment.tps} if assignment else {}
        return {n: state.position for n, state in states.items() if state and state.has_valid_position}

    @property
    def is_in_group(self) -> bool:
        """Whether it is a member of the group, as far as it knows: it has a generation. For any thread."""
        consumer = self._thread._consumer
        coordinator = consumer._coordinator if consumer else None
        return coordinator is None or getattr(coordinator, "generation", 0) >= 0

    @property
    def has_partitions(self) -> bool:
        """Whether the group has given it any, as far as it knows. For any thread."""
        consumer = self._thread._consumer
        return consumer is not None and bool(consumer.assignment())

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


def _message(tp: TP, slice_: Slice) -> ConsumerRecord:
    """The slice as one message to Faust, with the time of its last record."""
    return ConsumerRecord(
        topic=tp.topic,
        partition=tp.partition,
        offset=slice_.next_offset - 1,
        timestamp=slice_.records[-1].timestamp if slice_.records else 0,
        timestamp_type=1,
        key=b"",
        value=slice_,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=(),
    )


TRANSPORTS.aliases["emc"] = "streams.reading.transport:Transport"
