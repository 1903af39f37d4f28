"""Faust doing the plain job: each dossier in a Table, the counts in another, as its documents show.

`python -m benchmarks.peers.faust_tables BOOTSTRAP TOPIC EVENTS`.
"""

import asyncio
import os
import sys
import time
from typing import Any

import faust
from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient, NewTopic

from benchmarks.peers.plain import KIND, Clock, counted, events_of, folded

_IDLE_SECONDS = 5.0
_SILENT_SECONDS = 60.0
"""Nothing came for so long: all of it was counted, or the peer is stuck."""


_NAME = f"peer-{os.getpid()}"
_TABLES = ("dossiers", "counts")
_PARTITIONS = 12


def make_changelogs(bootstrap: str) -> None:
    """Makes the tables' topics beforehand: Faust begins before its own are known, and waits or loses then."""
    names = {f"{_NAME}-{table}-changelog" for table in _TABLES}
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    compacted = {"cleanup.policy": "compact"}
    admin.create_topics([NewTopic(name, _PARTITIONS, 1, topic_configs=compacted) for name in names])
    admin.close()
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    while any(len(consumer.partitions_for_topic(name) or ()) < _PARTITIONS for name in names):
        time.sleep(0.1)
    consumer.close()


def build(bootstrap: str, topic_name: str, clock: Clock) -> tuple[faust.App, Any]:
    """The app and its table of counts by agency."""
    app = faust.App(
        _NAME,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        web_enabled=False,
        topic_partitions=_PARTITIONS,
        topic_replication_factor=1,
        producer_linger=0.02,
        consumer_auto_offset_reset="earliest",
        loghandlers=[],
        logging_config=None,
        # a rebalance in the middle would make it restore its tables and lose what was not yet sent to them
        broker_session_timeout=300.0,
        broker_request_timeout=310.0,
        broker_max_poll_interval=3600.0,
        datadir=f"/tmp/emc-{_NAME}",
    )
    topic = app.topic(topic_name, value_type=bytes, value_serializer="raw", key_serializer="raw")
    dossiers = app.Table("dossiers", default=dict, partitions=_PARTITIONS)
    counts = app.Table("counts", default=list, partitions=_PARTITIONS)

    async def count(stream: Any) -> None:
        async for event in stream.events():
            clock.begin()
            events = events_of(event.value)
            for found in events:
                _count(event.key, found, dossiers, counts)
            clock.done(len(events))

    app.agent(topic)(count)
    return app, counts


def _count(agency: bytes, event: Any, dossiers: Any, counts: Any) -> None:
    if event["type"] != KIND:
        return
    code = event["subject"]
    registers = dict(dossiers[code])
    before = counted(registers)
    dossiers[code] = folded(registers, event)
    after = counted(registers)
    if after != before:
        received, online = counts[agency.decode()] or (0, 0)
        counts[agency.decode()] = [received + after[0] - before[0], online + after[1] - before[1]]


async def main(bootstrap: str, topic: str, events: int) -> None:
    """Runs until all events were seen and nothing came for a while; prints what was counted."""
    clock = Clock()
    make_changelogs(bootstrap)
    app, counts = build(bootstrap, topic, clock)
    await app.start()
    patience = _SILENT_SECONDS
    while clock.idle < patience:
        await asyncio.sleep(0.2)
        patience = _SILENT_SECONDS if clock.events < events else _IDLE_SECONDS
    received, online = (sum(column) for column in zip(*counts.values(), strict=True))
    clock.found(received, online).tell()
    os._exit(0)  # a Faust app with tables may take minutes to stop


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
