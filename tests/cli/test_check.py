"""`emc check`, `emc agencies`, `emc definitions`: what one asks before anything is sent."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import emc as command
from emc.agency_search import unregistered
from emc.errors import InputError
from emc.registry import load_registry
from sinks.queries.rate_query import RateQuery, select
from tests.cli.processes import complaint, done, emc, lines

GOOD = {
    "specversion": "1.0",
    "type": "vn.emc.dossier.v1",
    "id": "1",
    "source": "/agencies/H25/one-stop",
    "subject": "H25.16-240305-0007",
    "time": "2024-03-05T08:31:07+07:00",
    "data": {"channel": "online"},
}
WRONG = GOOD | {"id": "2", "data": {"chanel": "online", "status": 99}}


def test_events_are_judged_without_being_sent(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([GOOD, WRONG]), encoding="utf-8")
    result = emc("check", file, "--json")
    assert result.returncode == 1
    assert [(row["id"], row["verdict"], row["reason"], row["path"]) for row in lines(result.stdout)] == [
        ("1", "accepted", None, None),
        ("2", "refused", "unknown_field", "$.data.chanel"),
        ("2", "refused", "invalid", "$.data.status"),
    ]
    shown = emc("check", file)
    assert "event 1\t2\trefused\tinvalid\t$.data.status\texpected an integer from 1 to 10" in shown.stdout
    assert "1 accepted, 1 refused" in shown.stderr
    assert "99" not in shown.stdout
    file.write_text(json.dumps(GOOD), encoding="utf-8")
    assert done("check", file, "--columns", "verdict", "--no-header") == "accepted\n"


def test_events_may_come_from_standard_input() -> None:
    asked = ["check", "-", "--columns", "id,verdict,path", "--no-header"]
    found = CliRunner().invoke(command, asked, input=json.dumps([GOOD, WRONG]))
    rows = [line for line in found.stdout.splitlines() if "\t" in line]
    assert rows == ["1\taccepted\t–", "2\trefused\t$.data.chanel", "2\trefused\t$.data.status"]


def test_a_file_without_events_is_told(tmp_path: Path) -> None:
    file = tmp_path / "empty.json"
    file.write_text("", encoding="utf-8")
    assert "holds no events: expected one event" in complaint("check", file, code=2)
    assert "No such file" in complaint("check", tmp_path / "none.json", code=2)


def test_agencies_are_found_without_their_marks() -> None:
    for asked in ("ha noi", "Hà Nội", "h26"):
        found = lines(done("agencies", asked, "--json"))
        assert "H26" in [one["agency"] for one in found]
    assert emc("agencies", "no such place").returncode == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"agency": "h26"}, "agency is 'h26', expected a code of the agency registry; did you mean H26 ("),
        ({"agency": "Ha Noi"}, "; did you mean H26 ("),
        ({"agency": "000.00.16.H26"}, "; did you mean H26 ("),
        ({"metric": "data_resue"}, "; did you mean 'data_reuse'?"),
        ({"period": "mont"}, "; did you mean 'month'?"),
    ],
)
def test_what_is_misspelt_is_answered_with_what_may_be_meant(asked: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as error:
        select(RateQuery(**asked), load_registry())
    assert said in str(error.value)


def test_what_resembles_nothing_is_answered_without_a_guess() -> None:
    with pytest.raises(InputError, match=r"expected a code of the agency registry$"):
        select(RateQuery(agency="zzz"), load_registry())


def test_no_code_at_all_is_told_as_missing() -> None:
    assert str(unregistered("agency", None, load_registry())).startswith("agency is missing, expected a code")


def test_definitions_tell_what_is_counted() -> None:
    assert "; did you mean 'on_time'?" in complaint("definitions", "on_tme", code=2)
    found = lines(done("definitions", "data_reuse", "--json"))
    assert [one["name"] for one in found] == ["received"]
    assert found[0]["en"] in done("definitions", "data_reuse")
    assert found[0]["vi"] in done("definitions", "data_reuse", EMC_LANG="vi")
    assert found[0]["vi"] in done("definitions", "data_reuse", LC_ALL="vi_VN.UTF-8")
