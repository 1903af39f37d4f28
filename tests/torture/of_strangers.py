"""Faults by strangers in the workers' group: one that is a member of it, one that commits offsets for it."""

import signal
import time

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from tests.torture.arena import TOPIC, Arena

_SHARED_SECONDS = 3.0


def stranger_joins(arena: Arena, victim: str) -> None:
    """The group is a stranger's when the workers come back; it reads, commits what it read, and leaves."""
    end_workers(arena)
    stranger = KafkaConsumer(
        TOPIC,
        bootstrap_servers=arena.bootstrap.split(","),
        group_id=TOPIC,
        auto_commit_interval_ms=500,
        max_partition_fetch_bytes=8 << 20,
        isolation_level="read_committed",
    )
    try:
        poll(stranger, 30.0, until_assigned=True)
        assert stranger.assignment(), "the stranger was given no partition"
        arena.revive()
        poll(stranger, _SHARED_SECONDS)
    finally:
        stranger.close()
        arena.revive()


def stranger_commits(arena: Arena, victim: str) -> None:
    """While no worker is there, somebody commits the topic's end for the group."""
    end_workers(arena)
    admin = KafkaAdminClient(bootstrap_servers=arena.bootstrap.split(","))
    try:
        places = [TopicPartition(TOPIC, number) for number in range(arena.partitions)]
        arena.wait_until_events_flow(5)
        ends = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
        given = {place: OffsetAndMetadata(ends[place].offset, "", -1) for place in places}
        admin.alter_group_offsets(TOPIC, given)
        found = admin.list_group_offsets({TOPIC: places})[TOPIC]
        assert all(found[place].offset == ends[place].offset for place in places), "not committed"
    finally:
        admin.close()
        arena.revive()


def end_workers(arena: Arena) -> None:
    """Every worker ends, and so none is left in the group."""
    for worker in arena.workers.values():
        worker.signal(signal.SIGTERM)
    for name in list(arena.workers):
        code = arena.workers[name].wait(12)
        assert code == 0, f"SIGTERM ended a worker with {code}"
    assert arena.wait_for(lambda: arena.reader.members() == 0, 20, 0.2), "the group is not empty"


def poll(stranger: KafkaConsumer, patience: float, until_assigned: bool = False) -> None:
    """The stranger reads for a while; what it reads is thrown away. It stumbles over records of poison."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and not (until_assigned and stranger.assignment()):
        try:
            stranger.poll(200)
        except (UnicodeDecodeError, KafkaError):
            time.sleep(0.2)  # a client of the usual kind goes no further there
