"""`emc mapping suggest` and `check`."""

import tomllib
from pathlib import Path

from tests.cli.processes import complaint, done, emc


def test_a_draft_can_be_checked_with_its_file_and_a_lacking_column_is_told(tmp_path: Path) -> None:
    path, draft = tmp_path / "export.csv", tmp_path / "map.toml"
    path.write_text("Mã hồ sơ,Trạng thái\nH25-260305-0001,Đang xử lý\n", encoding="utf-8")
    draft.write_text(done("mapping", "suggest", path), encoding="utf-8")
    assert "can be used" in done("mapping", "check", draft, path)
    path.write_text("Mã hồ sơ\nH25-260305-0001\n", encoding="utf-8")
    result = emc("mapping", "check", draft, path)
    assert (result.returncode, "there is no column 'Trạng thái'" in result.stdout) == (1, True)


def test_what_a_person_must_decide_is_asked_in_the_readers_language(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Mã hồ sơ,Trạng thái,Xã # 1\nH25-260305-0001,Kỳ lạ,a\n", encoding="utf-8")
    drafts = [done("mapping", "suggest", path, EMC_LANG=language) for language in ("en", "vi")]
    assert [tomllib.loads(draft) for draft in drafts] == [tomllib.loads(drafts[0])] * 2
    for said in (
        '# không đọc gì từ "Xã # 1"',
        "# các trường có thể chọn: ",
        '# decide: "Kỳ lạ" = 1 ',
    ):
        assert said in drafts[1]
    assert "newly registered" in drafts[0]
    assert "newly registered" not in drafts[1]


def test_every_fault_is_a_line(tmp_path: Path) -> None:
    draft = tmp_path / "map.toml"
    draft.write_text('zone = 5\ntrimm = true\n[values.channel]\nA = "onlin"\n', encoding="utf-8")
    result = emc("mapping", "check", draft)
    assert (result.returncode, len(result.stdout.splitlines())) == (1, 3)
    (tmp_path / "export").write_bytes(b"\0\1\2\3")
    assert "say --format" in complaint("mapping", "suggest", tmp_path / "export", code=2)


def test_nothing_can_be_used_while_a_mark_is_open_or_a_date_is_not_read(tmp_path: Path) -> None:
    path, draft = tmp_path / "export.csv", tmp_path / "map.toml"
    path.write_text(
        "Mã hồ sơ,Ngày nộp\nH25-260305-0001,5/16/2026 8:30 AM\nH25-260305-0002,05/04/2026\n", "utf-8"
    )
    draft.write_text(done("mapping", "suggest", path), encoding="utf-8")
    result = emc("mapping", "check", draft, path)
    assert (result.returncode, "says decide" in result.stdout) == (1, True)
    assert "can be used" not in result.stdout
    decided = [line for line in draft.read_text("utf-8").splitlines() if "decide" not in line]
    draft.write_text("\n".join(decided), encoding="utf-8")
    assert "can be used" in done("mapping", "check", draft, path)
    draft.write_text(
        'dossier = "Mã hồ sơ"\ndates = ["dd/MM/yyyy"]\n[columns]\nsubmitted_at = "Ngày nộp"\n', "utf-8"
    )
    result = emc("mapping", "check", draft, path)
    assert result.returncode == 1
    assert "column Ngày nộp, 1 of the rows looked at, the first in line 2: expected a time" in result.stdout
