"""What `emc import` prints of a plan: its moment, each cause once, and the rates that move."""

from pathlib import Path

import pytest

from cli.commands.import_report import show
from portal.uploads.outcome import Move
from producers.importing.moves import RatePlace
from producers.importing.readers import ReadingOptions
from tests.producers.importing.kept import Monitor, plan

ROWS = "H25-260305-0001,online\n" + "".join(f"H25-260305-{n:04},fax\n" for n in range(2, 1002))
PLACE = RatePlace("H25", "2026-03-01", "online_submission", "channel")


@pytest.mark.parametrize(
    ("is_dry", "own_time", "whence", "sent"),
    [(True, False, "as said", "would be sent"), (False, True, "the file's own time", "sent")],
)
def test_a_thousand_alike_rows_are_told_once_with_a_count_and_three_examples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], is_dry: bool, own_time: bool, whence: str, sent: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"dossier,channel\n{ROWS}", encoding="utf-8")
    with plan(Monitor(), path) as found:
        show(found, [Move(PLACE, (410, 900), (411, 901))], is_dry, own_time)
    assert capsys.readouterr().out.splitlines() == [
        f"{path}, line 3, column channel: expected one of direct, online, postal",
        "  … and 999 rows more, as line 4 and line 5",
        "Rates that move",
        "Agency\tMonth\tMetric\tDefinition\tNow\tThen",
        "H25\t2026-03\tonline_submission\tchannel\t410/900 = 45.56 %\t411/901 = 45.62 %",
        f"Time of its events: 2026-04-01 00:00:00 ({whence})",
        f"1 001 rows, 1 {sent}, 1 000 refused: 1 new, 0 changed, 0 unchanged",
    ]


def test_a_guess_and_a_file_without_rows_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("dossier,channel\n".encode("utf-16"))
    with plan(Monitor(), path, options=ReadingOptions(encoding="auto")) as found:
        show(found, [], is_dry=True, own_time=True)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"{path} is read as UTF-16")
    assert f"{path} holds no rows" in said
    assert said[-1] == "0 rows, 0 would be sent, 0 refused: 0 new, 0 changed, 0 unchanged"
