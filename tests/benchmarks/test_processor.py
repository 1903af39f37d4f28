"""Processor time, dealt out to what threads do."""

import threading
import time

import pytest

from benchmarks.processor import by_thread, kind_of, since


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("MainThread", "loop"), ("stream_0", "stream"), ("insert_2", "inserts"), ("asyncio_1", "judging"),
        ("Thread-4 (run)", "consumer"), ("outbox", "other"), (None, "engine"),
    ],
)  # fmt: skip
def test_threads_are_known_by_their_names(name: str | None, kind: str) -> None:
    assert kind_of(name) == kind


def test_what_a_thread_uses_is_told_under_its_kind_and_once_only() -> None:
    before, stop = by_thread(), threading.Event()

    def work() -> None:
        begun = time.thread_time()
        while time.thread_time() - begun < 0.3:
            sum(range(1000))
        stop.wait(60)

    thread = threading.Thread(target=work, name="stream_0")
    thread.start()
    while since(before).get("stream", 0.0) < 0.2:
        time.sleep(0.01)
    used = since(before)
    stop.set()
    thread.join()
    assert used["stream"] <= 0.4
    assert since(before).get("stream", 0.0) <= 0.0  # it has ended: counted under `other` now
