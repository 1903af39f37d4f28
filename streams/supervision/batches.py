"""One batch after the other: taken from the inbox, folded, made durable, acknowledged."""

import asyncio
import logging
import time
import traceback

from emc.errors import EmcError
from emc.waiting import Waiting, component_of
from streams.agencies.store import StoreBroken
from streams.batch.batch import Batch, done_of
from streams.batch.failures import Stopped
from streams.batch.gathering import Gathered
from streams.reading.cancellation import own_cancellation
from streams.reading.member import Member
from streams.supervision.collecting import CycleCollector
from streams.supervision.phases import Phase
from streams.supervision.progress import Progress
from streams.supervision.stages import Stages
from streams.supervision.stream_thread import StreamThread
from streams.supervision.tenancy import Tenancy

_log = logging.getLogger("emc.worker")
SMALL_BATCH_PAUSE = 0.5
_SMALL_BATCH = 2_000
_COMPARE_EVERY = 2.0
_IDLE = 0.5
_SOUND_AFTER = 10.0
"""Seconds of work without a failure after which the batch that failed is another's, or is not any more."""


class Batches:
    """The loop in which all of a worker's agencies change. `run` ends when the worker is to leave.

    `held`: weights of the batches that are judged and written, see `streams.reading.weight`.
    """

    def __init__(
        self, tenancy: Tenancy, stages: Stages, member: Member, thread: StreamThread, progress: Progress
    ) -> None:
        self._tenancy, self._stages, self._member = tenancy, stages, member
        self._thread, self._progress = thread, progress
        self._pause = self._compared = self._taken_over = 0.0
        self.held = {"judged": 0, "written": 0}
        self._cycles = CycleCollector()

    async def run(self) -> None:
        """One batch after the other; after a failure from the committed offsets on."""
        self._cycles.begin()
        while not self._tenancy.is_leaving:
            try:
                with own_cancellation():
                    await self._until_failure()
            except Stopped:
                return
            except Exception as error:  # whatever it is, no event may be passed over
                await self._give_up(error)

    async def _until_failure(self) -> None:
        """While a batch is written, the next is read and judged: ClickHouse then works beside Python.

        Not while one is folded: two threads of Python would only take each other's turns.
        """
        pending = asyncio.create_task(self._gather())
        try:
            while not self._tenancy.is_leaving:
                async with self._tenancy.busy:
                    await self._prepare()
                if not (await asyncio.wait({pending}, timeout=_IDLE))[0]:
                    continue
                gathered = pending.result()
                self.held = {"judged": 0, "written": self.held["judged"]}
                async with self._tenancy.busy:
                    batch = await self._thread.run(self._stages.owner.fold, gathered)
                    pending = asyncio.create_task(self._gather())
                    if batch is not None:
                        await self._finish(gathered, batch)
                    del gathered, batch  # before the next is folded, which takes as much
                    self.held["written"] = 0
        finally:
            pending.cancel()

    async def _gather(self) -> Gathered:
        """The next batch, judged. Small ones are not taken too often: every one makes parts in ClickHouse."""
        await asyncio.sleep(self._pause)
        while True:
            slices = await self._tenancy.inbox.take()
            await self._tenancy.phases.until_working()
            if not slices[0].lease.is_revoked:
                break
        self.held["judged"] = sum(slice_.weight for slice_ in slices)
        gathered = await asyncio.to_thread(self._stages.gatherer.gather, slices)
        self._pause = SMALL_BATCH_PAUSE if gathered.accepted < _SMALL_BATCH else 0.0
        return gathered

    async def _finish(self, gathered: Gathered, batch: Batch) -> None:
        """Makes a folded batch durable, then acknowledges it."""
        _log.debug("batch begins", extra={"offsets": gathered.next_offsets})
        steps = await self._thread.run(self._stages.durability.make_durable, batch)
        self._progress.count(done_of(gathered, steps))
        self._tenancy.waits.batch = None
        await self._member.commit(gathered.lease, gathered.next_offsets)
        _log.debug("batch ends", extra={"offsets": gathered.next_offsets})

    async def _prepare(self) -> None:
        """Between two batches: takes over a new lease, or renews and compares what is at hand."""
        self._cycles.look_if_due()
        if self._tenancy.phases.present is Phase.JOINING:
            await self._take_over()
        elif self._tenancy.is_working and self._tenancy.partitions:
            await self._thread.run(self._stages.owner.renew)
            now = time.monotonic()
            if now - self._compared >= _COMPARE_EVERY:
                self._compared = now
                await self._thread.run(self._stages.owner.compare)
                if now - self._taken_over >= _SOUND_AFTER:
                    self._tenancy.waits.batch = None

    async def _take_over(self) -> None:
        """Takes the present lease over, if there is one; another phase has followed if it ended meanwhile."""
        tenancy, lease = self._tenancy, self._tenancy.lease
        if lease is None:
            return
        tenancy.phases.enter(Phase.TAKING_OVER)
        is_ours = await self._thread.run(self._stages.owner.take_over, lease)
        if is_ours and tenancy.lease is lease and tenancy.phases.present is Phase.TAKING_OVER:
            tenancy.waits.stream = None
            self._taken_over = time.monotonic()
            tenancy.phases.enter(Phase.WORKING)

    async def _give_up(self, error: Exception) -> None:
        """Forgets all that is in memory: the batch that failed, and what it changed, must be read again.

        Until the group is joined anew nothing is gathered, so nothing behind that batch can be committed.
        """
        reason = str(error) if isinstance(error, EmcError) else type(error).__name__
        # the text of an unforeseen error could quote a value: only its kind and place are logged
        stack = traceback.format_tb(error.__traceback__)
        _log.error("batch failed", extra={"reason": reason, "stack": stack})
        self._tenancy.give_up()
        self._tenancy.waits.batch = Waiting(component_of(error), f"a batch to succeed: {reason}")
        await self._thread.run(self._stages.owner.forget)
        if isinstance(error, StoreBroken):
            await self._discard_store()

    async def _discard_store(self) -> None:
        try:
            await self._thread.run(self._stages.owner.discard_store)
        except StoreBroken:  # the disk is still full: the next batch will find it broken again
            _log.error("the local store could not be begun anew")
