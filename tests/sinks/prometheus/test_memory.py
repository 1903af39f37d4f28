"""Memory as it is exposed: of this process, below the tightest limit there is."""

import mmap
import os
from pathlib import Path

import pytest

from sinks.prometheus.memory import MemoryCollector, limit_bytes, resident_bytes
from tests.sinks.exported import samples, value

MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_memory_and_buffers_of_the_process_are_shown() -> None:
    found = samples(MemoryCollector(lambda: {"waiting": 5, "written": 7}))
    assert value(found, "emc_worker_held_bytes", buffer="waiting") == 5
    assert value(found, "emc_worker_held_bytes", buffer="written") == 7
    resident = value(found, "emc_worker_resident_bytes")
    limit = value(found, "emc_worker_memory_limit_bytes")
    assert resident is not None
    assert limit is not None
    assert 10_000_000 < resident < limit <= MACHINE


def test_what_the_process_takes_is_seen_at_once() -> None:
    size = 50_000_000
    with mmap.mmap(-1, size) as pages:  # of the system's: what the heap has free would be taken before
        before = resident_bytes()
        pages.write(b"x" * size)
        after = resident_bytes()
    assert before is not None
    assert after is not None
    assert after - before > size * 0.9


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, MACHINE),
        ({"memory.max": "max\n"}, MACHINE),
        ({"memory.max": "1048576\n"}, 1048576),
        ({"emc.slice/worker/memory.max": "max", "emc.slice/memory.max": "2097152"}, 2097152),
        ({"emc.slice/worker/memory.max": "1048576", "emc.slice/memory.max": "2097152"}, 1048576),
        ({"memory/memory.limit_in_bytes": "3145728"}, 3145728),
        ({"memory/memory.limit_in_bytes": "9223372036854771712"}, MACHINE),
    ],
)
def test_the_tightest_limit_counts(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    for name, text in {"proc/self/cgroup": "0::/emc.slice/worker\n", **files}.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="ascii")
    assert limit_bytes(tmp_path / "proc", tmp_path) == expected


def test_where_nothing_is_told_nothing_is_shown(tmp_path: Path) -> None:
    assert resident_bytes(tmp_path) is None
