"""The worker: keeps a Faust app running, makes batches durable one after the other, then commits them.

It ends only when told to, or when its first start fails. Whatever a component does meanwhile, it waits with
growing pauses, says what it waits for, and goes on where the log says.
"""

import asyncio
import contextlib
import gc
import logging
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from emc.errors import ComponentError, EmcError
from emc.registry import Registry
from emc.settings.upkeep import Upkeep
from sinks.clickhouse.database import Database
from streams.agencies.store import Store, StoreBroken
from streams.batch.batch import Batch, Done, done_of
from streams.batch.commits import positions
from streams.batch.failures import Stopped
from streams.batch.gathering import Gathered
from streams.batch.outbox import Outbox
from streams.batch.retrying import RetryUntilStopped
from streams.reading.app import KafkaSettings
from streams.reading.continuity import Standstill
from streams.reading.inbox import Inbox
from streams.reading.lease import Lease
from streams.reading.member import Member
from streams.reading.topic import TopicFacts, TopicReader
from streams.supervision.progress import Progress
from streams.supervision.schedule import Schedule
from streams.supervision.stages import build_stages

T = TypeVar("T")
_log = logging.getLogger("emc.worker")
START_TIMEOUT = 20.0
SMALL_BATCH_PAUSE = 0.25
_SMALL_BATCH = 2_000
_LONGEST_PAUSE = 15.0
_FINISH_TIMEOUT = 4.5
_PATIENT_LEAVE_TIMEOUT = 30.0
_CHECK_EVERY = 2.0
_LOOK_EVERY = 5.0
_IDLE = 0.5
_GC_THRESHOLDS = (1_000_000, 20, 100)
"""A batch is half a million objects without cycles: looking for those in it again and again is waste."""
_SWITCH_INTERVAL = 0.001
"""Inserts need the interpreter for a moment only, between long calls into ClickHouse: they get it soon."""


class WorkerFailed(ComponentError):
    """The worker could not start."""


class Worker:
    """One member of the consumer group."""

    def __init__(
        self,
        kafka: KafkaSettings,
        db: Database,
        directory: Path,
        registry: Registry,
        upkeep: Upkeep | None = None,
        outbox: Outbox | None = None,
    ) -> None:
        upkeep = upkeep or Upkeep()
        self.progress = Progress(upkeep)
        self.topic = TopicReader(kafka.bootstrap, kafka.topic, kafka.group, **kafka.security)
        self._kafka = kafka
        self._retry, self._db = RetryUntilStopped(), db
        self._store = Store(directory / "store")
        outbox = outbox or Outbox(kafka.bootstrap, **kafka.security)
        self.stages = build_stages(db, self._store, registry, kafka.topic, outbox, self._retry)
        self.schedule = Schedule(
            db, upkeep, self.stages.owner.agencies, self._mend, lambda: 0 in self.progress.partitions
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stream")
        self._inbox = Inbox()
        self._member = Member(kafka, directory, self._inbox, self)
        self._tasks: list[asyncio.Task[None]] = []
        self._taken: Lease | None = None
        self._stopping = False
        self._busy = asyncio.Lock()
        self._taken_over = asyncio.Event()
        self._failed = asyncio.Event()
        self._retrying = False
        self._pause = self._checked = self._looked = 0.0
        self._judged = self._written = 0
        self._facts: TopicFacts | None = None
        self._working = False
        self._standstill = Standstill()

    async def start(self) -> None:
        """Joins the group. Raises WorkerFailed within 30 s when Kafka does not let it."""
        gc.set_threshold(*_GC_THRESHOLDS)
        sys.setswitchinterval(_SWITCH_INTERVAL)
        try:
            async with asyncio.timeout(START_TIMEOUT):
                self._facts = await asyncio.to_thread(self.topic.facts)
                await self._member.join()
        except EmcError:
            await self._member.leave()
            raise
        except Exception as error:  # Faust and aiokafka raise of every kind here
            await self._member.leave()
            kind = (
                f"within {START_TIMEOUT:.0f} s"
                if isinstance(error, TimeoutError)
                else f"({type(error).__name__})"
            )
            raise WorkerFailed(
                f"the worker could not join Kafka at {self._kafka.bootstrap} {kind}"
            ) from error
        duties = (self._run_batches(), self._watch(), self.schedule.run())
        self._tasks = [asyncio.create_task(duty) for duty in duties]

    async def _in_thread(self, step: Callable[..., T], *args: Any) -> T:
        def run() -> T:
            try:
                return step(*args)
            finally:
                self._working = False

        self._working = True
        return await asyncio.get_running_loop().run_in_executor(self._thread, run)

    @property
    def lease(self) -> Lease | None:
        """Under which it reads now."""
        return self._inbox.lease

    async def positions(self, partitions: set[int]) -> tuple[TopicFacts, Mapping[int, int]]:
        """Called when partitions were assigned: also the moment to read the topic anew."""
        try:
            facts = await asyncio.to_thread(self.topic.facts)
            known = await asyncio.to_thread(positions, self._db, facts.topic_id)
        except EmcError as error:
            self.progress.waiting_for = str(error)
            raise
        return facts, {partition: known.get(partition, 0) for partition in partitions}

    def begin(self, lease: Lease) -> None:
        """Reading begins."""
        self._inbox.begin(lease)

    def end(self) -> None:
        """Reading ends at once."""
        self._taken_over.clear()
        self._inbox.end()

    async def give_back(self) -> None:
        """Lets the batch at hand finish, for a moment: what is committed now need not be read again."""
        self.progress.partitions = frozenset()
        self._retrying = False
        self._taken_over.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FINISH_TIMEOUT):
                async with self._busy:
                    pass
        self._inbox.end()

    async def _run_batches(self) -> None:
        """One batch after the other, until told to stop; after a failure from the committed offsets on."""
        while not self._stopping:
            try:
                await self._run_until_failure()
            except Stopped:
                return
            except Exception as error:  # whatever it is, no event may be passed over
                await self._begin_anew(error)

    async def _run_until_failure(self) -> None:
        """While a batch is written, the next is read and judged: ClickHouse then works beside Python.

        Not while one is folded: two threads of Python would only take each other's turns.
        """
        pending = asyncio.create_task(self._gather())
        try:
            while not self._stopping:
                async with self._busy:
                    await self._prepare()
                if not (await asyncio.wait({pending}, timeout=_IDLE))[0]:
                    continue
                gathered = pending.result()
                self._written, self._judged = self._judged, 0
                async with self._busy:
                    _log.debug("batch begins", extra={"offsets": gathered.next_offsets})
                    folded = await self._in_thread(self.stages.owner.fold, gathered)
                    pending = asyncio.create_task(self._gather())
                    if folded is not None:
                        done = await self._in_thread(self._write, folded)
                        self.progress.count(done)
                        self.progress.waiting_for, self._retrying = None, False
                        await self._member.commit(gathered.lease, done.next_offsets)
                        _log.debug("batch ends", extra={"offsets": done.next_offsets})
                    del gathered, folded  # before the next is folded, which takes as much
                    self._written = 0
        finally:
            pending.cancel()

    def _write(self, batch: Batch) -> Done:
        assert batch.gathered is not None
        return done_of(batch.gathered, self.stages.durability.make_durable(batch))

    async def _begin_anew(self, error: Exception) -> None:
        """Forgets all that is in memory: the batch that failed, and what it changed, must be read again.

        Until the app is running anew nothing is gathered, so nothing behind that batch can be committed.
        """
        reason = str(error) if isinstance(error, EmcError) else type(error).__name__
        # the text of an unforeseen error could quote a value: only its kind and place are logged
        stack = traceback.format_tb(error.__traceback__)
        _log.error("batch failed", extra={"reason": reason, "stack": stack})
        self.end()
        self.progress.waiting_for, self._retrying = f"a batch to succeed: {reason}", True
        await self._in_thread(self.stages.owner.forget)
        if isinstance(error, StoreBroken):
            await self._discard_store()
        self._failed.set()

    async def _discard_store(self) -> None:
        try:
            await self._in_thread(self._store.discard)
        except StoreBroken:  # the disk is still full: the next batch will find it broken again
            _log.error("the local store could not be begun anew")

    async def _prepare(self) -> None:
        """Takes over newly assigned partitions, and renews what depends on the day."""
        lease = self._inbox.lease
        if lease is not None and lease is not self._taken:
            if await self._in_thread(self.stages.owner.take_over, lease) and not lease.is_revoked:
                self._taken = lease
                self.progress.partitions = lease.partitions
                self._taken_over.set()
                if not self._retrying:
                    self.progress.waiting_for = None
        elif self.progress.partitions:
            await self._in_thread(self.stages.owner.renew)
            await self._check()

    async def _check(self) -> None:
        """Whether ClickHouse still holds what was written, and nothing else, now and then."""
        if time.monotonic() - self._checked < _CHECK_EVERY:
            return
        self._checked = time.monotonic()
        await self._in_thread(self.stages.owner.compare)

    async def _mend(self, agency: str, only_unfinished: bool) -> bool:
        """Rebuilds an agency between two batches, as the audit asks; false when it was not done."""
        async with self._busy:
            if self._stopping or not self._taken_over.is_set():
                return False
            try:
                return await self._in_thread(self.stages.owner.mend, agency, only_unfinished)
            except Stopped:
                return False

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Writes nothing during the block; afterwards takes everything over anew, as the tables then are."""
        async with self._busy:
            try:
                yield
            finally:
                self.end()
                await self._in_thread(self.stages.owner.forget)
                self._failed.set()

    async def _gather(self) -> Gathered:
        """The next batch, judged. Small ones are not taken too often: every one makes parts in ClickHouse."""
        await asyncio.sleep(self._pause)
        while True:
            slices = await self._inbox.take()
            await self._taken_over.wait()
            if not slices[0].lease.is_revoked:
                break
        self._judged = sum(slice_.weight for slice_ in slices)
        gathered = await asyncio.to_thread(self.stages.gatherer.gather, slices)
        self._pause = SMALL_BATCH_PAUSE if gathered.accepted < _SMALL_BATCH else 0.0
        return gathered

    async def _watch(self) -> None:
        """Begins a new app when the one running has crashed, a batch has failed or the topic is another."""
        pause = 1.0
        while not self._stopping:
            await asyncio.sleep(0.5)
            if await self._is_well():
                pause = 1.0 if self._taken_over.is_set() else pause
                continue
            if self.progress.waiting_for is None:
                self.progress.waiting_for = f"Kafka at {self._kafka.bootstrap}"
            _log.warning("starting the stream again", extra={"pause": pause})
            await self._member.leave(_PATIENT_LEAVE_TIMEOUT)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            try:
                async with asyncio.timeout(START_TIMEOUT):
                    self._facts = await asyncio.to_thread(self.topic.facts)
                    await self._member.join()
                self._failed.clear()
                if not self._retrying:
                    self.progress.waiting_for = None
            except Exception as error:  # Faust and aiokafka raise of every kind here
                await self._member.leave()
                _log.warning("the stream did not start", extra={"reason": f"{type(error).__name__}: {error}"})

    async def _is_well(self) -> bool:
        """Whether the app runs and the topic is the one that it reads; the broker is asked now and then."""
        if not self._member.is_running or self._failed.is_set():
            return False
        if self._inbox.has_gap():
            _log.warning("messages were passed over")
            return False
        if time.monotonic() - self._looked < _LOOK_EVERY:
            return True
        self._looked = time.monotonic()
        try:
            facts = await asyncio.to_thread(self.topic.facts)
            is_known = self._member.knows(facts.partitions)
            missing = {} if self._busy.locked() else self._member.missing()
        except Exception as error:  # whatever it is, this look must not be the last
            reason = str(error) if isinstance(error, EmcError) else type(error).__name__
            if self.progress.waiting_for is None:
                _log.warning("waiting", extra={"waiting_for": reason})
                self.progress.waiting_for = reason
            return True
        if self._taken_over.is_set() and not self._retrying:
            self.progress.waiting_for = None
        if self._standstill.looks(missing):
            _log.warning("messages were not handed over", extra={"missing": missing})
            return False
        if is_known and facts == self._facts:
            return True
        _log.warning("the topic is another than before", extra={"partitions": facts.partitions})
        return False

    def waiting_for(self) -> str | None:
        """What the worker waits for, None when it goes on."""
        return self._retry.waiting_for or self.progress.waiting_for

    def held(self) -> dict[str, int]:
        """Weights of the slices that wait and of the batches at hand, see `streams.reading.weight`."""
        return {"waiting": self._inbox.weight, "judged": self._judged, "written": self._written}

    async def stop(self) -> None:
        """Finishes the batch at hand, commits it and leaves the group; under 10 s."""
        self._stopping = True
        self.schedule.stop()
        asyncio.get_running_loop().call_later(_FINISH_TIMEOUT, self._retry.stop)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FINISH_TIMEOUT + 0.5)
        for task in self._tasks:
            task.cancel()
        self._retry.stop()
        await self._member.leave()
        if self._working:
            _log.warning("ending although ClickHouse has not answered")
            return
        await asyncio.to_thread(self._thread.shutdown, wait=True)
        self.stages.durability.close()
        self.topic.close()
        self._store.close()
