"""Writing the generated files, and what the tests say where a program is missing."""

from pathlib import Path

import pytest

from dashboards.alerts.__main__ import main
from dashboards.alerts.files import generated_files, write_files
from dashboards.alerts.thresholds import load_thresholds
from tests.alerts.programs import PACKAGES, path_of


def test_files_are_written_once(tmp_path: Path) -> None:
    thresholds = load_thresholds()
    assert write_files(thresholds, tmp_path) == list(generated_files(thresholds))
    assert write_files(thresholds, tmp_path) == []


def test_a_wrong_file_writes_nothing_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[links]\n", encoding="utf-8")
    assert main([str(path)]) == 1
    said = capsys.readouterr()
    assert "mine.toml: Object missing required field" in said.err
    assert said.out == ""


@pytest.mark.parametrize("program", sorted(PACKAGES))
def test_a_missing_program_fails_a_test_with_what_to_install(
    program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        pytest.fail.Exception, match=f"{program} is not installed; on Debian: apt-get install"
    ):
        path_of(program)
