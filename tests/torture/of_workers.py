"""Faults of workers and of their local stores. Each strikes and undoes itself."""

import contextlib
import resource
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.damages import corrupt, truncate, truncate_manifest
from tests.faults.points import POINTS
from tests.torture.arena import SESSION, Arena, Tail


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
        doomed.wait(SESSION + 4)
    doomed.kill()  # some points are passed rarely


def terminate_worker(arena: Arena, victim: str) -> None:
    """SIGTERM: it must end within 10 s, and well."""
    end_well(arena, victim)


def end_well(arena: Arena, name: str) -> None:
    code = arena.workers[name].stop(10)
    assert code == 0, f"SIGTERM ended a worker with {code}"


def stop_worker(arena: Arena, victim: str) -> None:
    """SIGSTOP amid its inserts until others have its partitions; then it goes on and writes late."""
    worker = arena.workers[victim]
    arena.front.fail(seconds=8, match="INSERT INTO `rates`", stall=0.8)
    tail = Tail(worker.log)
    arena.wait_for(tail.begins_another, 6)
    time.sleep(0.2)
    worker.signal(signal.SIGSTOP)
    stopped = time.monotonic()
    arena.front.fail(seconds=0)
    time.sleep(SESSION + 1)
    arena.others_go_on(victim, patience=20)
    arena.stops.append((worker.log, stopped, time.monotonic()))
    worker.signal(signal.SIGCONT)
    time.sleep(1)


def join_and_leave(arena: Arena, victim: str) -> None:
    """Another worker joins, has partitions for a while, and leaves."""
    guest = arena.start_worker("guest")
    arena.wait_for(lambda: bool(guest.said("batch ends")), 20, 0.3)
    end_well(arena, "guest")
    arena.forget("guest")


def delete_store(arena: Arena, victim: str) -> None:
    """SIGKILL, and the local store is gone."""
    damage(arena, victim, shutil.rmtree)


def truncate_store(arena: Arena, victim: str) -> None:
    """SIGKILL, and the local store's log or its list of files is cut."""
    damage(arena, victim, arena.random.choice((truncate, truncate_manifest)))


def corrupt_store(arena: Arena, victim: str) -> None:
    """SIGKILL, and bytes of the local store are changed."""
    damage(arena, victim, corrupt)


def swap_store(arena: Arena, victim: str) -> None:
    """SIGKILL, and in the place of the local store is a copy of another worker's, in use."""
    others = [name for name in sorted(arena.workers) if name != victim]
    other = arena.store(arena.random.choice(others)) / "store"

    def replace(store: Path) -> None:
        shutil.rmtree(store)
        with contextlib.suppress(shutil.Error):  # files come and go meanwhile
            shutil.copytree(other, store)

    damage(arena, victim, replace)


def damage(arena: Arena, victim: str, harm: Callable[[Path], object]) -> None:
    arena.workers[victim].kill()
    arena.forget(victim)
    try:
        with contextlib.suppress(FileNotFoundError):  # it may have been about to be made
            harm(arena.store(victim) / "store")
    finally:
        arena.start_worker(victim)


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
