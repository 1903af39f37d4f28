"""What benchmarks of waiting, small costs and memory decide: who waited how long, what is above a limit."""

import pytest

from benchmarks.handover import Seen, longest_waits
from benchmarks.latency import line, neighbours
from benchmarks.memory import LIMITS
from benchmarks.memory import line as memory_line
from benchmarks.resident import MIB, Course, Sample
from benchmarks.steady import Counts, between
from emc.identifiers import partition_of
from emc.registry import load_registry


def test_a_partition_waits_while_it_is_behind_and_nothing_of_it_becomes_durable() -> None:
    """0 moves all the time, 1 stands for three seconds, 2 has nothing to do."""
    ends = {0: 50, 1: 50, 2: 5}
    course = [
        Seen(float(second), {0: 10 * second, 1: 10 if second < 4 else 20, 2: 5}, ends)
        for second in range(1, 6)
    ]
    assert longest_waits(course) == {0: 0.0, 1: 2.0}


def test_who_has_caught_up_begins_to_wait_anew() -> None:
    def seen(second: float, durable: int, end: int) -> Seen:
        return Seen(second, {0: durable}, {0: end})

    course = [seen(0, 5, 5), seen(7, 5, 6), seen(8, 5, 6), seen(9, 6, 6), seen(20, 6, 7), seen(22, 7, 7)]
    assert longest_waits(course) == {0: 1.0}


def test_a_partition_that_was_never_durable_waits_from_its_first_message() -> None:
    assert longest_waits([Seen(0, {}, {3: 0}), Seen(1, {}, {3: 2}), Seen(5, {}, {3: 2})]) == {3: 4.0}


def test_a_backlog_lies_beside_the_probes_or_elsewhere() -> None:
    beside, elsewhere = neighbours(list(load_registry().agencies), 12)
    mine = partition_of(b"G02", 12)
    assert beside != "G02"
    assert partition_of(beside.encode(), 12) == mine
    assert partition_of(elsewhere.encode(), 12) != mine
    with pytest.raises(StopIteration):
        neighbours(["G02", beside], 1)


def test_a_line_of_latencies_is_told_by_quantiles() -> None:
    told = line("quiet", [0.4, 0.1, 0.3, 0.2])
    assert told == {"meanwhile": "quiet", "probes": 4, "p50 s": 0.3, "p99 s": 0.4, "max s": 0.4}


def test_what_a_service_costs_is_a_share_of_one_core_and_bytes_an_event() -> None:
    before = Counts(100.0, 1.0, 2.0, 3.0, 10, 1_000, 5_000, 40, 90)
    after = Counts(110.0, 2.0, 2.5, 3.1, 20, 1_500, 905_000, 41, 91)
    told = between(50, before, after)
    assert told["Python %"] == pytest.approx(10)
    assert told["merges and upkeep %"] == pytest.approx(5)
    assert told["broker %"] == pytest.approx(1)
    assert (told["counted/s"], told["batches/s"], told["bytes written/event"]) == (50, 1, 1_800)
    assert between(0, before, before._replace(seconds=101.0))["bytes written/event"] is None


def test_memory_above_its_limit_is_told_in_the_table() -> None:
    def course(peak: int) -> Course:
        return Course("worker, singles", [Sample(1.0, 5 * MIB, 8 * MIB, 10), Sample(2.0, 6 * MIB, peak, 20)])

    good, bad = (memory_line("worker", course(peak)) for peak in (9 * MIB, LIMITS["worker"]))
    assert (good["peak over 2 M, MiB"], good["peak, MiB"], good["end, MiB"], good["above"]) == (9, 9, 6, None)
    assert bad["above"] == "peak 1024 MiB, limit 1024"
