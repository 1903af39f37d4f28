"""The worker: keeps a Faust app running, makes batches durable one after the other, then commits them.

It ends only when told to, or when its first start fails. Whatever a component does meanwhile, it waits with
growing pauses, says what it waits for, and goes on where the log says.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from emc.errors import BrokerUnavailable, EmcError
from emc.registry import Registry
from emc.settings.upkeep import Upkeep
from emc.waiting import Waiting
from sinks.clickhouse.database import Database
from streams.agencies.store import Store
from streams.batch.commits import positions
from streams.batch.failures import Stopped
from streams.batch.outbox import Outbox
from streams.batch.retrying import RetryUntilStopped
from streams.reading.app import KafkaSettings
from streams.reading.member import Member
from streams.reading.topic import TopicReader
from streams.reading.weight import LARGEST_BATCH
from streams.supervision import heap
from streams.supervision.batches import Batches
from streams.supervision.duties import keep_on
from streams.supervision.lag import LagReader
from streams.supervision.phases import Phase, Phases
from streams.supervision.progress import Progress
from streams.supervision.schedule import Schedule
from streams.supervision.stages import build_stages
from streams.supervision.stream_thread import StreamThread
from streams.supervision.tenancy import FINISH_TIMEOUT, Known, Tenancy
from streams.supervision.waits import Waits
from streams.supervision.watch import Watch, reason_of

_log = logging.getLogger("emc.worker")
_SWITCH_INTERVAL = 0.001
"""Inserts need the interpreter for a moment only, between long calls into ClickHouse: they get it soon."""


class WorkerFailed(BrokerUnavailable):
    """The worker could not start."""


class Worker:
    """One member of the consumer group. `largest_batch`: bytes by weight, see `streams.reading.weight`."""

    def __init__(
        self,
        kafka: KafkaSettings,
        db: Database,
        directory: Path,
        registry: Registry,
        upkeep: Upkeep | None = None,
        outbox: Outbox | None = None,
        largest_batch: int = LARGEST_BATCH,
    ) -> None:
        upkeep = upkeep or Upkeep()
        self.topic = TopicReader(kafka.bootstrap, kafka.topic, kafka.group, **kafka.security)
        self.read_lag, self._thread = LagReader(self.topic, db), StreamThread()
        retry, store = RetryUntilStopped(), Store(directory / "store")

        def known() -> Known:
            facts = self.topic.facts()
            return facts, positions(db, facts.topic_id)

        self._tenancy = Tenancy(known, Phases(), Waits(retry), largest_batch)
        outbox = outbox or Outbox(kafka.bootstrap, **kafka.security)
        self.stages = build_stages(db, store, registry, kafka.topic, outbox, retry)
        self._member = Member(kafka, directory, self._tenancy.inbox, self._tenancy)
        self.progress = Progress(upkeep, self._tenancy)
        self.schedule = Schedule(
            db, upkeep, self.stages.owner.agencies, self._mend, lambda: 0 in self._tenancy.partitions
        )
        self._batches = Batches(self._tenancy, self.stages, self._member, self._thread, self.progress)
        self._duties: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Joins the group. Raises WorkerFailed within 30 s when Kafka does not let it."""
        sys.setswitchinterval(_SWITCH_INTERVAL)
        heap.share_arenas()
        watch = Watch(self._tenancy, self._member, self.topic)
        try:
            await watch.join()
        except EmcError:
            await self._member.leave()
            raise
        except Exception as error:  # Faust and aiokafka raise of every kind here
            await self._member.leave()
            sentence = f"the worker could not join Kafka at {self.topic.bootstrap} {reason_of(error)}"
            raise WorkerFailed(await asyncio.to_thread(self.topic.held_by_others) or sentence) from error
        duties = {"batches": self._batches.run, "watch": watch.run, "schedule": self.schedule.run}
        self._duties = [
            asyncio.create_task(keep_on(name, duty, lambda: self._tenancy.is_leaving))
            for name, duty in duties.items()
        ]

    async def _mend(self, agency: str, only_unfinished: bool) -> bool:
        """Rebuilds an agency between two batches, as the audit asks; false when it was not done."""
        async with self._tenancy.busy:
            if not self._tenancy.is_working:
                return False
            try:
                return await self._thread.run(self.stages.owner.mend, agency, only_unfinished)
            except Stopped:
                return False

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Writes nothing during the block; afterwards takes everything over anew, as the tables then are."""
        phases = self._tenancy.phases
        async with self._tenancy.busy:
            if phases.may(Phase.PAUSED):
                phases.enter(Phase.PAUSED)
            try:
                yield
            finally:
                self._tenancy.inbox.end()
                await self._thread.run(self.stages.owner.forget)
                if phases.may(Phase.WAITING):
                    phases.enter(Phase.WAITING)

    @property
    def phase(self) -> Phase:
        """What it is at."""
        return self._tenancy.phases.present

    def lag(self) -> int:
        """Messages that are not yet in the rates; ComponentError when Kafka does not answer."""
        return self.read_lag()

    def waiting(self) -> Waiting | None:
        """What the worker waits for, None when it goes on."""
        return self._tenancy.waits.present

    def held(self) -> dict[str, int]:
        """Weights of the slices that wait and of the batches at hand, see `streams.reading.weight`."""
        return {"waiting": self._tenancy.inbox.weight, **self._batches.held}

    async def stop(self) -> None:
        """Finishes the batch at hand, commits it and leaves the group; under 10 s."""
        phases = self._tenancy.phases
        if phases.may(Phase.LEAVING):
            phases.enter(Phase.LEAVING)
        self.schedule.stop()
        asyncio.get_running_loop().call_later(FINISH_TIMEOUT, self.stages.retry.stop)
        if self._duties:
            await asyncio.wait(self._duties, timeout=FINISH_TIMEOUT + 0.5)
        for duty in self._duties:
            duty.cancel()
        self.stages.retry.stop()
        await self._member.leave()
        if self._thread.is_busy:
            _log.warning("ending although ClickHouse has not answered")
            return
        await asyncio.to_thread(self._thread.close)
        self.stages.durability.close()
        self.topic.close()
        self.stages.owner.close()
