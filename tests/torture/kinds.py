"""The kinds of faults. Each strikes, waits a little, and undoes itself: the arena is whole again then."""

import contextlib
import resource
import shutil
import signal
import time
from collections.abc import Callable

from kafka import KafkaAdminClient
from kafka.admin import NewPartitions
from kafka.errors import KafkaError

from tests.faults.damages import corrupt, truncate, truncate_manifest
from tests.faults.points import POINTS
from tests.torture.arena import SESSION, TOPIC, Arena

STOPPED = "worker stopped and continued"
Strike = Callable[[Arena, str], None]
"""Strikes; the name is that of the worker which has a batch under way."""


def kill_worker(arena: Arena, victim: str) -> None:
    """SIGKILL; started again at once."""
    arena.workers[victim].kill()


def kill_at_point(arena: Arena, victim: str) -> None:
    """SIGKILL right before or after one of the steps of a batch."""
    arena.workers[victim].kill()
    arena.forget(victim)
    point, when = arena.random.choice(POINTS), arena.random.choice(("before", "after"))
    doomed = arena.start_worker(victim, kill=[point, when, arena.random.randint(1, 3)])
    with contextlib.suppress(AssertionError):
        doomed.wait(SESSION + 4)  # some points are passed rarely: then it lives on


def terminate_worker(arena: Arena, victim: str) -> None:
    """SIGTERM: it must end within 10 s, and well."""
    code = arena.workers[victim].stop(12)
    assert code == 0, f"SIGTERM ended a worker with {code}"


def stop_worker(arena: Arena, victim: str) -> None:
    """SIGSTOP amid its inserts until others have its partitions; then it goes on and writes late."""
    arena.front.fail(seconds=0.5, match="INSERT INTO `rates`", stall=1.0)
    worker = arena.workers[victim]
    worker.signal(signal.SIGSTOP)
    stopped = time.monotonic()
    time.sleep(SESSION + 1)
    arena.others_go_on(victim, stopped + SESSION, patience=20)
    arena.stops.append((worker.log, stopped, time.monotonic()))
    worker.signal(signal.SIGCONT)
    time.sleep(1)


def rebalance(arena: Arena, victim: str) -> None:
    """Another worker joins for a while."""
    arena.start_worker("guest")
    time.sleep(3)
    code = arena.workers["guest"].stop(12)
    assert code == 0, f"SIGTERM ended a worker with {code}"
    arena.forget("guest")


def damage_store(arena: Arena, victim: str) -> None:
    """SIGKILL, and the local store is lost, cut or corrupted, or another's is in its place."""
    arena.workers[victim].kill()
    arena.forget(victim)
    store = arena.store(victim) / "store"
    other = arena.random.choice(list(arena.workers))
    with contextlib.suppress(OSError):
        arena.random.choice(
            (
                lambda: shutil.rmtree(store),
                lambda: truncate(store),
                lambda: truncate_manifest(store),
                lambda: corrupt(store),
                lambda: replace(store, arena.store(other) / "store"),
            )
        )()
    arena.start_worker(victim)


def replace(store: object, other: object) -> None:
    """Puts a copy of the other's store, in use, in the place of this one."""
    shutil.rmtree(str(store))
    shutil.copytree(str(other), str(store))


def kill_broker(arena: Arena, victim: str) -> None:
    """SIGKILL of one broker of three; back after a moment."""
    broker = arena.random.choice(arena.cluster.brokers)
    broker.kill()
    time.sleep(2)
    broker.start()


def refuse(arena: Arena, victim: str) -> None:
    """ClickHouse refuses inserts: too many parts, no memory, no space, or no answer that makes sense."""
    code = arena.random.choice((252, 241, 243, -1))
    arena.front.fail(seconds=arena.random.uniform(1, 4), match="INSERT", code=code)
    time.sleep(4)


def stall(arena: Arena, victim: str) -> None:
    """ClickHouse answers late, beyond the session timeout."""
    arena.front.fail(seconds=2, match="INSERT", stall=arena.random.uniform(1, SESSION + 1))
    time.sleep(3)


def kill_engine(arena: Arena, victim: str) -> None:
    """SIGKILL of ClickHouse; back after a moment with what it had acknowledged."""
    arena.front.kill()
    time.sleep(arena.random.uniform(0.2, 2))
    arena.restart_front()


def fill_disk(arena: Arena, victim: str) -> None:
    """No file of the worker can grow beyond 4 KiB (RLIMIT_FSIZE), for a while."""
    pid = arena.workers[victim].pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
    time.sleep(3)
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def step_clock(arena: Arena, victim: str) -> None:
    """The wall clock of all workers jumps, forwards or backwards, and is set right again."""
    seconds = arena.random.choice((-86_400, -3600, -5, 5, 3600, 3 * 86_400, 40 * 86_400))
    arena.clock.write_text(f"{seconds:+d}")
    time.sleep(3)
    arena.clock.write_text("+0")
    time.sleep(1.5)


def add_partitions(arena: Arena, victim: str) -> None:
    """The topic gets one partition more, while a backlog waits in the others."""
    arena.partitions += 1
    admin = KafkaAdminClient(bootstrap_servers=arena.bootstrap.split(","))
    try:
        admin.create_partitions({TOPIC: NewPartitions(arena.partitions)})
    except KafkaError:
        arena.partitions -= 1
        raise
    finally:
        admin.close()


KINDS: dict[str, Strike] = {
    "worker killed": kill_worker,
    "worker killed at a point": kill_at_point,
    "worker terminated": terminate_worker,
    STOPPED: stop_worker,
    "worker joins and leaves": rebalance,
    "local store damaged": damage_store,
    "broker killed": kill_broker,
    "ClickHouse refuses": refuse,
    "ClickHouse stalls": stall,
    "ClickHouse killed": kill_engine,
    "disk full": fill_disk,
    "clock stepped": step_clock,
    "partition added": add_partitions,
}
