"""A costly question runs once for all who ask meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.reading.shared import Shared


def test_who_asks_meanwhile_gets_the_same_answer() -> None:
    shared, go, runs = Shared[int](), threading.Event(), list[int]()

    def ask() -> int:
        runs.append(1)
        go.wait(20)
        return 7

    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(shared.run, ask) for _ in range(20)]
        while not shared._running:
            pass
        go.set()
        assert [each.result() for each in asked] == [7] * 20
    assert len(runs) < 20


def test_an_answer_is_not_kept_and_an_error_is_everybodys() -> None:
    shared = Shared[int]()
    assert [shared.run(lambda: 1), shared.run(lambda: 2)] == [1, 2]
    with pytest.raises(ZeroDivisionError):
        shared.run(lambda: 1 // 0)
    assert shared.run(lambda: 3) == 3
