"""The peer: a plain Faust worker that keeps each dossier in a Table and counts in another, as its docs show.

It does less: no validation beyond JSON, no ClickHouse, no catalogue, one rate. It folds field by field, so
its counts of received and online dossiers must be the monitor's. Run as a process of its own:
`python -m benchmarks.peer BOOTSTRAP TOPIC EVENTS`; prints one JSON line.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from datetime import datetime
from typing import Any

import faust
from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient, NewTopic

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


def build(bootstrap: str, topic_name: str, progress: dict[str, float]) -> tuple[faust.App, Any]:
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
    counts = app.Table("counts", default=dict, partitions=_PARTITIONS)

    async def count(stream: Any) -> None:
        async for event in stream.events():
            progress.setdefault("first", time.monotonic())
            for found in _events(event.value):
                progress["events"] += 1
                _count(event.key, found, dossiers, counts)
            progress["last"] = time.monotonic()

    app.agent(topic)(count)
    return app, counts


def _events(value: bytes) -> list[Any]:
    found = json.loads(value)
    return found if isinstance(found, list) else [found]


def _count(agency: bytes, event: Any, dossiers: Any, counts: Any) -> None:
    if event["type"] != "vn.emc.dossier.v1":
        return
    code, time_ = event["subject"], datetime.fromisoformat(event["time"]).timestamp()
    registers = dict(dossiers[code])
    before = _counts_as(registers)
    for name, value in event["data"].items():
        register = [time_, event["id"], json.dumps(value)]
        if name not in registers or registers[name] < register:
            registers[name] = register
    dossiers[code] = registers
    after = _counts_as(registers)
    if after != before:
        totals = dict(counts[agency.decode()])
        for name in ("received", "online"):
            totals[name] = totals.get(name, 0) + after[name] - before[name]
        counts[agency.decode()] = totals


def _counts_as(registers: dict[str, Any]) -> dict[str, int]:
    def value(name: str) -> Any:
        return json.loads(registers[name][2]) if name in registers else None

    received = value("received_at") is not None and not value("removed")
    return {"received": int(received), "online": int(received and value("channel") == "online")}


async def main(bootstrap: str, topic: str, events: int) -> None:
    """Runs until all events were seen and nothing came for a while; prints what was counted."""
    progress: dict[str, float] = {"events": 0, "last": time.monotonic()}
    make_changelogs(bootstrap)
    app, counts = build(bootstrap, topic, progress)
    await app.start()
    patience = _SILENT_SECONDS
    while time.monotonic() - progress["last"] < patience:
        await asyncio.sleep(0.2)
        patience = _SILENT_SECONDS if progress["events"] < events else _IDLE_SECONDS
    seconds = progress["last"] - progress["first"]
    totals: Counter[str] = Counter()
    for agency in counts.values():
        totals.update(agency)
    print(json.dumps({"events": int(progress["events"]), "seconds": seconds, **totals}), flush=True)
    os._exit(0)  # a Faust app with tables may take minutes to stop


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
