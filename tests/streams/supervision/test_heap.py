"""Threads share the C heap, and what is free is given back: in a process of its own, for it is for good."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")

_BUSY = """
import ctypes, sys, threading
from streams.supervision import heap

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
if sys.argv[1] == "shared":
    assert heap.share_arenas()
together = threading.Barrier(16)

def allocate():
    together.wait()
    held = [libc.malloc(5_000) for _ in range(200)]
    together.wait()

threads = [threading.Thread(target=allocate) for _ in range(16)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.fdopen.restype = ctypes.c_void_p
libc.fdopen.argtypes = [ctypes.c_int, ctypes.c_char_p]
stream = libc.fdopen(1, b"w")
libc.malloc_info(0, ctypes.c_void_p(stream))
libc.fflush(ctypes.c_void_p(stream))
"""

_FREED = """
import ctypes
from sinks.prometheus.memory import resident_bytes
from streams.supervision import heap

heap.share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
blocks = [libc.malloc(100_000) for _ in range(1_000)]
[ctypes.memset(block, 1, 100_000) for block in blocks]
top = libc.malloc(100_000)  # above them all: without it the heap would shrink by itself
[libc.free(block) for block in blocks]
before = resident_bytes()
assert heap.give_back()
print(before - resident_bytes())
"""


def _run(program: str, *arguments: str) -> str:
    order = [sys.executable, "-c", program, *arguments]
    return subprocess.run(order, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(("way", "are_few"), [("shared", True), ("own", False)])
def test_threads_share_two_arenas(way: str, are_few: bool) -> None:
    assert (_run(_BUSY, way).count("<heap nr=") <= 2) == are_few


def test_what_is_free_is_given_back() -> None:
    assert int(_run(_FREED)) > 50_000_000
