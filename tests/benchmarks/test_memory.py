"""What the benchmark of memory calls too much: a peak, growth with the backlog; not a merge of seconds."""

import pytest

from benchmarks.memory import faults
from benchmarks.resident import MIB, Course, Sample

FLAT = [600] * 100
GROWING = [600 + 4 * number for number in range(100)]
SPIKED = [900 if number == 80 else 600 for number in range(100)]


def course(held: list[int], largest: int = 0) -> Course:
    """Six million events, a sample for each hundredth of them; `held` and `largest` in MiB."""
    samples, peak = [], largest
    for number, each in enumerate(held, 1):
        peak = max(peak, each)
        samples.append(Sample(number, each * MIB, peak * MIB, 6_000_000 * number // len(held)))
    return Course("a run", samples)


@pytest.mark.parametrize(
    ("kind", "held", "found"),
    [
        ("worker", FLAT, []),
        ("up", FLAT, []),
        ("worker", GROWING, ["1.37 times what it held over 2,000,000 events, limit 1.15"]),
        ("up", GROWING, ["1.34 times what it held over 2,000,000 events, limit 1.15"]),
        ("worker", SPIKED, ["1.50 times what it held over 2,000,000 events, limit 1.15"]),
        ("up", SPIKED, []),
        ("trickle", FLAT, []),
        ("trickle", [each // 2 for each in GROWING], ["last quarter 1.118 of the third"]),
    ],
)
def test_what_grows_with_the_backlog_is_told(kind: str, held: list[int], found: list[str]) -> None:
    assert faults(kind, course(held)) == found


def test_a_peak_at_the_limit_is_told_also_between_two_samples() -> None:
    assert faults("up", course(FLAT, largest=1600)) == ["peak 1600 MiB, limit 1600"]
