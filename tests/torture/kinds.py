"""The kinds of faults by name: `make torture` strikes each equally often."""

from collections.abc import Callable

from tests.torture import of_components, of_strangers, of_workers
from tests.torture.arena import Arena

Strike = Callable[[Arena, str], None]
"""Strikes; the name is that of the worker which has a batch under way."""

STOPPED = "worker stopped and continued"
ONE_OF_THREE = "one broker killed"
KINDS: dict[str, Strike] = {
    "worker killed": of_workers.kill_worker,
    "worker killed at a point": of_workers.kill_at_point,
    "worker terminated": of_workers.terminate_worker,
    STOPPED: of_workers.stop_worker,
    "worker joins and leaves": of_workers.join_and_leave,
    "local store deleted": of_workers.delete_store,
    "local store truncated": of_workers.truncate_store,
    "local store corrupted": of_workers.corrupt_store,
    "local store another's": of_workers.swap_store,
    "disk full": of_workers.fill_disk,
    "clock stepped": of_workers.step_clock,
    ONE_OF_THREE: of_components.kill_broker,
    "all brokers killed": of_components.kill_all_brokers,
    "ClickHouse refuses": of_components.refuse,
    "ClickHouse times out": of_components.time_out,
    "ClickHouse full of parts": of_components.fill_with_parts,
    "ClickHouse killed": of_components.kill_engine,
    "ClickHouse put back": of_components.put_engine_back,
    "partition added": of_components.add_partitions,
    "topic created anew": of_components.create_topic_anew,
    "stranger joins the group": of_strangers.stranger_joins,
    "stranger commits offsets": of_strangers.stranger_commits,
}
