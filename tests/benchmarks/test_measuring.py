"""What benchmarks print and keep of what they measured."""

import sys
from pathlib import Path

import msgspec
import pytest

from benchmarks.measuring import Report, Spread, laid_out, ratios, repeated, run_module


def test_the_spread_of_repetitions_is_their_middle_lowest_and_highest() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)
    assert Spread.of([30_200.0, 28_000.0, 31_000.0]).show() == "30,200 (28,000–31,000)"
    assert Spread.of([2.0]).show(".1f") == "2.0"


def test_ratios_are_taken_repetition_by_repetition() -> None:
    """The machine halves its speed in the second round: both are slower, the ratio is what it was."""
    assert ratios([40.0, 20.0, 42.0], [10.0, 5.0, 14.0]) == (4.0, 3.0, 4.0)


def test_each_is_run_in_turn() -> None:
    order: list[str] = []
    found = repeated(2, {"ours": lambda: order.append("ours"), "theirs": lambda: order.append("theirs")})
    assert order == ["ours", "theirs", "ours", "theirs"]
    assert {name: len(runs) for name, runs in found.items()} == {"ours": 2, "theirs": 2}


def test_a_table_has_numbers_to_the_right_and_a_dash_for_none() -> None:
    text = laid_out([{"what": "ours", "events/s": 43_000}, {"what": "theirs", "events/s": None}])
    assert text.splitlines() == ["what    events/s", "ours      43,000", "theirs         –"]


def test_the_json_tells_machine_versions_seed_and_what_was_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report("example", {"scale": 0.5, "output": tmp_path}, seed=7, folder=tmp_path)
    report.table("speed", [{"what": "ours", "events/s": Spread(2.0, 1.0, 3.0)}])
    told = msgspec.json.decode(report.write().read_bytes())
    assert told["benchmark"] == "example"
    assert told["seed"] == 7
    assert told["asked"] == {"scale": 0.5, "output": str(tmp_path)}
    assert told["machine"].keys() == {"processor", "cores", "memory", "system"}
    assert told["versions"]["python"].startswith(f"{sys.version_info[0]}.{sys.version_info[1]}")
    assert {"kafka", "chdb", "commit"} <= told["versions"].keys()
    assert told["tables"] == {
        "speed": [{"what": "ours", "events/s": {"median": 2.0, "lowest": 1.0, "highest": 3.0}}]
    }
    assert "2.00 (1.00–3.00)" in capsys.readouterr().out


def test_a_run_that_fails_ends_the_benchmark_with_what_it_said() -> None:
    with pytest.raises(SystemExit, match=r"benchmarks\.absent"):
        run_module("benchmarks.absent")
