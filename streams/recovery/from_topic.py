"""`emc rebuild --from-topic`: every table made anew from Kafka, beside those in use.

For when the tables are doubted and the topic holds everything. A worker of a consumer group of its own fills
a second database; the tables in use serve, and are written, until that has caught up. Then, with nobody
writing, the tables are exchanged one by one: not `RENAME DATABASE`, which would take the history of rates
along (it tells what was shown, and cannot be made anew), nor a database under another name, which every
reader would have to be told of.
"""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from emc.registry import Registry
from emc.settings.upkeep import Upkeep
from sinks.audit.audit import audit
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.maintenance.exchange import beside, switch
from streams.batch.commits import positions
from streams.batch.outbox import Outbox
from streams.batch.producer_records import ProducerRecord
from streams.reading.app import KafkaSettings
from streams.reading.topic import TopicReader
from streams.recovery.from_events import RebuildRefused, WritersStopped
from streams.recovery.withdrawal import Look, in_thread
from streams.supervision.worker import Worker

_log = logging.getLogger("emc.rebuild")
_LOOK = 0.5


class SilentOutbox(Outbox):
    """Sends nothing: what was refused or misrouted was sent when it was read for the first time."""

    def deliver(self, records: Sequence[ProducerRecord], timeout: float = 30.0) -> list[ProducerRecord]:
        """Nothing is left. What the workers in use have not read yet, they send themselves."""
        return []


async def rebuild_from_topic(
    kafka: KafkaSettings, db: Database, registry: Registry, folder: Path, writers_stopped: WritersStopped
) -> dict[str, Any]:
    """Makes all tables anew from the topic and puts them in the place of the old ones; returns the audit.

    `folder` is for scratch. `writers_stopped` is entered for the end only: what arrived meanwhile, and the
    exchange. Raises RebuildRefused when the topic does not hold everything, or something differs. Cancelled,
    it leaves the tables as they were, unless their exchange has begun: that is then ended.
    """
    topic = TopicReader(kafka.bootstrap, kafka.topic, f"{kafka.group}.rebuild", **kafka.security)
    scratch = folder / "rebuild"
    try:
        await in_thread(lambda look: _refuse_gaps(topic, db))
        await asyncio.to_thread(topic.forget_group)
        with beside(db, "rebuilt") as fresh:
            await asyncio.to_thread(fresh.command, f"INSERT INTO erased SELECT * FROM `{db.name}`.erased")
            await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
            own = msgspec.structs.replace(kafka, group=topic.group)
            silent = SilentOutbox(kafka.bootstrap, **kafka.security)
            worker = Worker(own, fresh, scratch, registry, Upkeep(audit_every=0), silent)
            async with contextlib.AsyncExitStack() as stack:
                async with _running(worker):
                    await _caught_up(worker, fresh, topic)
                    found = await in_thread(partial(_audited, fresh))
                    await stack.enter_async_context(writers_stopped())
                    await _caught_up(worker, fresh, topic)
                await in_thread(lambda look: _exchange(db, fresh))
    finally:
        await asyncio.to_thread(topic.forget_group)
        await asyncio.to_thread(topic.close)
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
    return found


def _refuse_gaps(topic: TopicReader, db: Database) -> None:
    """Everything that the tables hold must still be in this topic."""
    for partition, start in topic.starts().items():
        if start > 0:
            raise RebuildRefused(
                f"partition {partition} of {topic.topic} begins at offset {start}, not at 0: retention took"
                " the rest; use --from-events, or a backup"
            )
    topic_id = topic.facts().topic_id
    others = db.query("SELECT count() FROM events WHERE topic_id != {id:String}", {"id": topic_id})
    if others[0][0]:
        raise RebuildRefused(
            f"{others[0][0]} events came from an earlier topic, which {topic.topic} does not hold;"
            " use --from-events, or a backup"
        )


@contextlib.asynccontextmanager
async def _running(worker: Worker) -> AsyncIterator[None]:
    try:
        await worker.start()
        yield
    finally:
        await worker.stop()


async def _caught_up(worker: Worker, fresh: Database, topic: TopicReader) -> None:
    """Returns when everything that the topic held at the call is in the new tables."""
    ends = await asyncio.to_thread(topic.ends)
    topic_id = (await asyncio.to_thread(topic.facts)).topic_id
    while left := _left(ends, await asyncio.to_thread(positions, fresh, topic_id)):
        waiting = worker.waiting()
        said = waiting.sentence if waiting is not None else None
        _log.info("rebuilding", extra={"messages_left": left, "waiting_for": said})
        await asyncio.sleep(_LOOK)


def _left(ends: Mapping[int, int], written: Mapping[int, int]) -> int:
    return sum(max(0, end - written.get(partition, 0)) for partition, end in ends.items())


def _audited(fresh: Database, look: Look) -> dict[str, Any]:
    found = audit(fresh, look=look)
    if found["different"]:
        raise RebuildRefused(
            f"{found['different']} rows of the new tables differ from their second computation"
        )
    return found


def _exchange(db: Database, fresh: Database) -> None:
    """The tables, and the conflicts that were not seen before: when one was seen cannot be made anew."""
    columns = ", ".join(schema.CONFLICTS.key)
    db.command(
        f"INSERT INTO conflicts SELECT * FROM `{fresh.name}`.conflicts"
        f" WHERE ({columns}) NOT IN (SELECT {columns} FROM conflicts)"
    )
    switch(db, fresh, schema.FROM_TOPIC)
