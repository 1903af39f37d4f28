"""How runs are compared, and what ends a benchmark of throughput."""

from typing import Any

import msgspec
import pytest

from benchmarks.growth import exponent
from benchmarks.throughput import FLOOR, MONITOR, Topic, check, compared, profile, steps
from benchmarks.worker_run import WorkerRun
from deploy.broker import Broker

COUNTS = {"received": 7, "online": 3}


def run(seconds: float) -> WorkerRun:
    processor = {"stream": 0.5, "judging": 1.0, "engine": 0.5}
    return WorkerRun(100_000, seconds, {}, processor, {"judge": 1.0, "fold": 0.5}, {}, 1.5, COUNTS, 10, 1)


def other(seconds: float, received: int = 7, events: int = 100_000) -> dict[str, float]:
    return {"events": events, "seconds": seconds, "processor": 3.0, "received": received, "online": 3}


def topic() -> Topic:
    broker: Broker = msgspec.UNSET  # type: ignore[assignment]  # nothing is asked of it
    return Topic(broker, "month.single", 100_000, 100_000)


def test_ratios_are_of_a_round() -> None:
    found: dict[str, list[Any]] = {MONITOR: [run(2.0), run(4.0)], FLOOR: [other(1.0), other(2.0)]}
    ours, floor = compared("month, single", found)
    assert ours["events/s"] == (37_500, 25_000, 50_000)
    assert ours["monitor is × as fast"] == (1, 1, 1)
    assert floor["monitor is × as fast"] == (0.5, 0.5, 0.5)
    assert ours["processor µs/event"] == (20, 20, 20)
    assert floor["processor µs/event"] == (30, 30, 30)


def test_an_events_cost_is_told_by_thread_and_step() -> None:
    told = profile("month, single", [run(2.0)], [0.3])
    assert (told["stream µs"], told["judging µs"], told["engine µs"], told["broker µs"]) == (5, 10, 5, 3)
    assert (told["events/dossier/batch"], told["events/batch"]) == (1.5, 10_000)
    assert steps("month, single", [run(2.0)]) == {"load": "month, single", "judge µs": 10, "fold µs": 5}


@pytest.mark.parametrize("wrong", [other(1.0, received=8), other(1.0, events=99_999)])
def test_who_counts_otherwise_ends_the_benchmark(wrong: dict[str, float]) -> None:
    check({MONITOR: [run(2.0)], FLOOR: [other(1.0)]}, topic())
    with pytest.raises(SystemExit, match=r"month\.single"):
        check({MONITOR: [run(2.0)], "peer": [wrong]}, topic())


def test_the_exponent_is_the_power_by_which_times_grow() -> None:
    assert exponent([(10, 1.0), (100, 10.0), (1000, 100.0)]) == pytest.approx(1.0)
    assert exponent([(10, 5.0), (100, 5.0), (1000, 5.0)]) == pytest.approx(0.0)
    assert exponent([(10, 1.0), (100, 100.0)]) == pytest.approx(2.0)
