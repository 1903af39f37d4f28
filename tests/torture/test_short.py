"""The torture in its short form: one broker, two workers, a fault of each of ten kinds, then the count."""

from pathlib import Path
from random import Random

import pytest

from tests.torture.main import parse, plan, torture

KINDS = (
    "worker killed at a point",
    "worker stopped and continued",
    "local store corrupted",
    "all brokers killed",
    "ClickHouse times out",
    "ClickHouse put back",
    "partition added",
    "topic created anew",
    "stranger joins the group",
    "stranger commits offsets",
)


@pytest.mark.timeout(900)  # two minutes on two idle cores; a machine may be slow
def test_a_short_torture_ends_in_the_right_numbers(tmp_path: Path) -> None:
    given = "--minutes 1 --faults 10 --events 30000 --seed 1 --workers 2 --brokers 1 --quiet 10"
    options = parse([*given.split(), *(word for kind in KINDS for word in ("--kinds", kind))])
    report = torture(options, tmp_path)
    print(report.text())
    assert report.failures == []
    assert report.missing(least=2) == []
    assert report.verdict.differences == []
    assert report.verdict.events > 30_000
    assert sorted(fault.kind for fault in report.struck) == sorted(plan(options, Random(1)))
    assert all(fault.recovery is not None for fault in report.struck)
