"""Faults by strangers in the workers' group: one that is a member of it, one that commits offsets for it."""

import contextlib
import select
import signal
import subprocess
import sys

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.structs import OffsetAndMetadata

from tests.torture.arena import TOPIC, Arena

_SHARED_SECONDS = 3.0


def stranger_joins(arena: Arena, victim: str) -> None:
    """The group is a stranger's when the workers come back; it reads, commits what it read, and leaves."""
    end_workers(arena)
    order = [sys.executable, "-m", "tests.torture.stranger", arena.bootstrap, TOPIC, str(_SHARED_SECONDS)]
    stranger = subprocess.Popen(order, stdout=subprocess.PIPE)
    try:
        assert stranger.stdout is not None
        assert select.select([stranger.stdout], [], [], 90.0)[0], "the stranger was given no partition"
        assert stranger.stdout.readline() == b"assigned\n", "the stranger could not join"
        arena.revive()
        with contextlib.suppress(subprocess.TimeoutExpired):  # it stumbles over records of poison
            stranger.wait(_SHARED_SECONDS + 2)
    finally:
        stranger.kill()
        stranger.wait()
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
