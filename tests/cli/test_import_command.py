"""`emc import` into a running service."""

from pathlib import Path
from typing import Any

from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, emc, lines, write_export

GOOD = [
    f"000.00.16.H25-260501-00{n:02},1.000001,{channel},9,2026-05-01T08:00:00+07:00,,2026-05-01T09:00:00+07:00,true"
    for n, channel in enumerate(["online", "online", "direct"], start=1)
]
BROKEN = ["no dossier code,,,,,,,", "000.00.16.H25-260501-0009,,by pigeon,,,,,"]


def month(service: Service) -> dict[str, Any]:
    """The month's online submissions of the agency."""
    service.settle()
    asked = {"metric": "online_submission", "definition": "channel", "agency": "H25", "start": "2026-05-01"}
    (rate,) = service.get("/v1/rates", **asked).json()["rates"]
    return {name: rate[name] for name in ("numerator", "denominator")}


def test_good_rows_count_once_and_broken_ones_are_told(service: Service, tmp_path: Path) -> None:
    arguments = write_export(tmp_path / "export.csv", [*GOOD, *BROKEN])
    for _ in range(2):
        result = emc("import", *arguments, "--data-dir", service.data_dir)
        assert result.returncode == 1, result.stderr
        assert "export.csv, line 5, column dossier:" in result.stdout
        assert "export.csv, line 6, column channel:" in result.stdout
        assert "pigeon" not in result.stdout
        assert "5 rows, 3 sent, 2 refused" in result.stdout
        assert month(service) == {"numerator": 2, "denominator": 3}


def test_a_later_export_wins(service: Service, tmp_path: Path) -> None:
    changed = [row.replace("direct", "online") for row in GOOD]
    arguments = write_export(tmp_path / "later.csv", changed, "2026-05-03T08:00:00+07:00")
    (report,) = lines(done("import", *arguments, "--json", "--data-dir", service.data_dir))
    assert (report["rows"], report["sent"], report["refused"]) == (3, 3, 0)
    assert month(service) == {"numerator": 3, "denominator": 3}


def test_a_file_that_is_not_there_is_told(service: Service, tmp_path: Path) -> None:
    arguments = write_export(tmp_path / "export.csv", GOOD)
    said = complaint("import", tmp_path / "none.csv", *arguments[1:], "--data-dir", service.data_dir, code=2)
    assert "none.csv" in said


def test_without_a_service_nothing_is_read_first(tmp_path: Path) -> None:
    stopped = tmp_path / "data"
    stopped.mkdir()
    (stopped / "emc.lock").touch()
    arguments = write_export(tmp_path / "export.csv", GOOD)
    said = complaint("import", *arguments, "--data-dir", stopped, code=1)
    assert f"no service runs on {stopped}; start it with `emc up`, or name it with --kafka" in said
    assert {path.name for path in stopped.iterdir()} == {"emc.lock"}


def test_a_time_without_offset_is_told(service: Service, tmp_path: Path) -> None:
    arguments = write_export(tmp_path / "export.csv", GOOD, "2026-05-03")
    said = complaint("import", *arguments, "--data-dir", service.data_dir, code=2)
    assert "--as-of is '2026-05-03', expected RFC 3339 with offset" in said


def test_a_dry_run_of_a_catalogue_or_declarations_tells_what_changes(
    service: Service, tmp_path: Path
) -> None:
    tables = {
        "procedures": ("procedure,valid_from,service_level", "9.000001,2026-05-01,full", "full", "partial"),
        "declarations": ("day,received,resolved", "2026-05-09,10,8", "8", "9"),
    }
    for kind, (header, row, said, changed) in tables.items():
        path = tmp_path / f"{kind}.csv"
        asked = (path, "--agency", "H25", "--format", "csv", "--kind", kind, "--data-dir", service.data_dir)
        path.write_text(f"{header}\n{row}\n", encoding="utf-8")
        assert "1 sent, 0 refused: 1 new, 0 changed" in done("import", *asked)
        service.settle()
        path.write_text(f"{header}\n{row.removesuffix(said)}{changed}\n", encoding="utf-8")
        (found,) = lines(done("import", *asked, "--dry-run", "--json"))
        assert (found["new"], found["changed"], found["unchanged"]) == (0, 1, 0)
