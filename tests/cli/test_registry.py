"""`emc registry`: what is listed, what a check says, and who may report for whom."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.commands.registry import registry
from emc.errors import SettingError


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(registry, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    text = "source,agency,note\nG09/business,localities,decree 224/2026\nG04,H25,\n"
    (tmp_path / "delegations.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("EMC_REGISTRY", str(tmp_path))
    return tmp_path


def test_explains_who_may_report_and_why(own: Path) -> None:
    code, text = run("explain", "H25")
    assert code == 0
    assert "H42, all its systems may report for H25: it succeeded the agency" in text
    assert "G09/business may report for H25: a row of delegations.csv names it: decree 224/2026" in text
    rows = [json.loads(line) for line in run("explain", "H26", "--json")[1].splitlines()]
    assert [(row["source"], row["why"]) for row in rows] == [
        ("H26", "itself"),
        ("G09/business", "delegation"),
    ]


def test_one_that_may_not_is_told_what_to_add(own: Path) -> None:
    assert run("explain", "H25", "--source", "G09/business")[0] == 0
    code, text = run("explain", "G12", "--source", "G09/business")
    assert code == 1
    assert "add the row G09/business,G12,why" in text


def test_lists_agencies_and_what_is_delegated(own: Path) -> None:
    rows = [json.loads(line) for line in run("list", "--json")[1].splitlines()]
    assert rows[9]["former_name"] == "Bộ Nông nghiệp và Phát triển nông thôn"
    assert rows[-1] == {"source": "G04", "for": "H25", "note": ""}
    assert len(rows) == 87
    assert "decree 224/2026" in run("list")[1]


def test_a_check_says_where_the_files_lie_and_what_is_odd(own: Path) -> None:
    code, text = run("check")
    assert code == 0
    assert f"delegations.csv: {own / 'delegations.csv'}" in text
    assert "agencies: 85, of them closed: 34; delegations: 2; tracking sites: 0" in text
    assert "delegation 2: G04 is closed" in text
    (own / "delegations.csv").write_text("source,agency,note\nG09,moon,\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"delegations\.csv, line 2"):
        run("check")
