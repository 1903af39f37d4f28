"""The torture in its short form: eight kinds of faults once each, then the independent count."""

from pathlib import Path
from random import Random

import pytest

from tests.torture.main import parse, plan, torture


@pytest.mark.timeout(600)
def test_a_short_torture_ends_in_the_right_numbers(tmp_path: Path) -> None:
    given = "--minutes 1 --faults 8 --events 30000 --seed 1 --workers 2 --quiet 5"
    options = parse(given.split())
    report = torture(options, tmp_path)
    print(report.text())
    assert report.failures == []
    assert report.verdict.differences == []
    assert report.verdict.events > 30_000
    assert sorted(fault.kind for fault in report.struck) == sorted(plan(options, Random(1)))
    assert all(fault.recovery is not None for fault in report.struck)
