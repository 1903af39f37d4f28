"""The stream without a broker: batches of given slices, under a given clock, on the real engine and store."""

import asyncio
import shutil
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emc.registry import load_registry
from sinks.clickhouse.database import Database
from streams.agencies.store import Store
from streams.batch.batch import Batch
from streams.batch.failures import RestoredBehindUs
from streams.batch.outbox import Outbox
from streams.batch.retrying import RetryUntilStopped
from streams.reading.app import KafkaSettings
from streams.reading.inbox import Inbox
from streams.reading.lease import Lease
from streams.reading.member import Member
from streams.reading.slices import Slice
from streams.reading.topic import TopicFacts
from streams.reading.transport import SliceConsumer
from streams.supervision.stages import build_stages
from tests.streams.seams.log import Log
from tests.streams.seams.recording import Recorder

NOTHING: Mapping[int, int] = {}


class Stream:
    """One owner of partitions after the other, on one database."""

    def __init__(
        self, database: Database, folder: Path, recorder: Recorder, patch: pytest.MonkeyPatch
    ) -> None:
        self.database, self._folder, self._recorder = database, folder, recorder
        self._seconds = 0.0
        self._now = 0
        patch.setattr(time, "time_ns", lambda: self._now)
        recorder.attach(patch)
        self._begin()

    def _begin(self) -> None:
        self._store = Store(self._folder / "store")
        kafka = KafkaSettings("nowhere:9092", Log.topic)
        self._outbox = Outbox(kafka.bootstrap)
        retry = RetryUntilStopped()
        self._stages = build_stages(
            self.database, self._store, load_registry(), Log.topic, self._outbox, retry
        )
        self._stages.owner._schedule._clock = lambda: self._seconds
        nobody: Any = None
        self._member = Member(kafka, self._folder, Inbox(), nobody)
        app: Any = SimpleNamespace(consumer=SliceConsumer.__new__(SliceConsumer))
        self._member._app = app

    def at(self, moment: str) -> None:
        """It is this moment, as the worker's clock shows it (ISO 8601 with offset)."""
        self._recorder.step(f"at {moment}")
        self._now = int(datetime.fromisoformat(moment).timestamp()) * 1_000_000_000

    def pass_seconds(self, seconds: float) -> None:
        """By the clock that never steps."""
        self._seconds += seconds

    def take_over(self, partitions: Sequence[int], log: Log, began: Mapping[int, int] = NOTHING) -> None:
        """The group gives these partitions."""
        self._recorder.step(f"take over {len(partitions)} of {log.partitions} of topic {log.topic_id}")
        facts = TopicFacts(log.topic_id, log.partitions)
        starts = {n: began.get(n, 0) for n in partitions}
        self._lease = Lease(facts, starts, starts)
        self._stages.owner.take_over(self._lease)

    def batch(self, slices: Mapping[int, list[Any]]) -> None:
        """One batch, to the end."""
        self._recorder.step("batch")
        self._finish(self._fold(slices))

    def broken_off(self, slices: Mapping[int, list[Any]]) -> None:
        """A batch that is folded and then fails."""
        self._recorder.step("batch that fails once folded")
        self._fold(slices)
        self._stages.owner.forget()

    def _fold(self, slices: Mapping[int, list[Any]]) -> Batch:
        folded = self._stages.owner.fold(
            self._stages.gatherer.gather([Slice.of(self._lease, *each) for each in slices.items()])
        )
        assert folded is not None
        return folded

    def _finish(self, batch: Batch) -> None:
        self._stages.durability.make_durable(batch)
        assert batch.gathered is not None
        asyncio.run(self._member.commit(self._lease, batch.gathered.next_offsets))

    def put_back(self, slices: Mapping[int, list[Any]]) -> None:
        """A batch that finds ClickHouse put back; everything is forgotten."""
        self._recorder.step("batch on tables put back")
        with pytest.raises(RestoredBehindUs):
            self.batch(slices)
        self._stages.owner.forget()

    def renew(self) -> None:
        """What is done before each batch."""
        self._recorder.step("renew")
        self._stages.owner.renew()

    def check(self) -> None:
        """What is done every other second."""
        self._recorder.step("check")
        self._stages.owner.compare()

    def mend(self, agency: str, only_unfinished: bool) -> None:
        """What the audit asks for."""
        done = self._stages.owner.mend(agency, only_unfinished)
        self._recorder.step(f"mend {agency}: {'done' if done else 'not done'}")

    def lose_cell(self, agency: str) -> None:
        """The local store contradicts itself from now on."""
        self._recorder.step(f"cells of {agency} are lost in the local store")
        self._store._db.delete_range(f"{agency}c".encode(), f"{agency}d".encode())

    def restart(self, *, lost: bool = False) -> None:
        """The process ends and begins anew, with its local store or without."""
        self._recorder.step(f"restart {'without' if lost else 'with'} the local store")
        self.close()
        if lost:
            shutil.rmtree(self._folder / "store")
        self._begin()

    def change(self, sql: str) -> None:
        """Somebody else writes into the tables."""
        self._recorder.step("tables changed")
        self.database.command(f"{sql} SETTINGS mutations_sync = 1" if sql.startswith("ALTER") else sql)

    def close(self) -> None:
        """Ends threads and the store."""
        self._stages.durability.close()
        self._store.close()
