"""The worker as the tenant of partitions: how a lease begins and ends, and what that does to its phase."""

import asyncio
from collections.abc import Callable, Mapping

from emc.errors import EmcError
from emc.waiting import Waiting
from streams.reading.inbox import Inbox
from streams.reading.lease import Lease
from streams.reading.topic import TopicFacts
from streams.reading.weight import LARGEST_BATCH
from streams.supervision.phases import Phase, Phases
from streams.supervision.waits import Waits

FINISH_TIMEOUT = 4.5
Known = tuple[TopicFacts, Mapping[int, int]]


class Tenancy:
    """What reading, batches and watch share. `busy` is held by whoever works on agencies or tables.

    `known` asks for the topic, and where ClickHouse says that reading it goes on, by partition; it is called
    in a thread.
    """

    def __init__(
        self, known: Callable[[], Known], phases: Phases, waits: Waits, largest_batch: int = LARGEST_BATCH
    ) -> None:
        self.inbox, self.busy = Inbox(largest_batch=largest_batch), asyncio.Lock()
        self.phases, self.waits = phases, waits
        self._known = known

    @property
    def lease(self) -> Lease | None:
        """Under which it reads now."""
        return self.inbox.lease

    @property
    def partitions(self) -> frozenset[int]:
        """The partitions that are worked on now. For any thread."""
        lease = self.inbox.lease
        return lease.partitions if lease is not None and self.is_working else frozenset()

    @property
    def is_working(self) -> bool:
        """Whether batches go on under the present lease."""
        return self.phases.present is Phase.WORKING

    @property
    def is_leaving(self) -> bool:
        """Whether the worker is to end."""
        return self.phases.present is Phase.LEAVING

    async def positions(self, partitions: set[int]) -> Known:
        """Asked when partitions were assigned: also the moment to read the topic anew."""
        try:
            facts, known = await asyncio.to_thread(self._known)
        except EmcError as error:
            self.waits.stream = Waiting.because_of(error)
            raise
        return facts, {partition: known.get(partition, 0) for partition in partitions}

    def begin(self, lease: Lease) -> None:
        """Reading begins; the lease is taken over once the batch at hand has ended.

        Two rebalances may overlap: then a lease begins while the one before is being taken over, and ends it.
        """
        self.end()
        self.inbox.begin(lease)

    def end(self) -> None:
        """The lease ends at once: reading is about to begin anew, or was given up."""
        self.inbox.end()
        if self.phases.present in (Phase.TAKING_OVER, Phase.WORKING, Phase.YIELDING):
            self.phases.enter(Phase.JOINING)

    async def give_back(self) -> None:
        """Lets the batch at hand end, for a moment: what is committed now need not be read again."""
        if self.phases.may(Phase.YIELDING):
            self.phases.enter(Phase.YIELDING)
        try:
            async with asyncio.timeout(FINISH_TIMEOUT), self.busy:
                self.end()  # while it is held: nothing can begin between
        except TimeoutError:
            self.end()

    def give_up(self) -> None:
        """Nothing in memory is trusted any more: the lease ends, and the group is to be joined anew."""
        self.inbox.end()
        if self.phases.may(Phase.WAITING) and self.phases.present is not Phase.PAUSED:
            self.phases.enter(Phase.WAITING)
