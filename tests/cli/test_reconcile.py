"""`emc reconcile`, with a running service."""

from pathlib import Path

from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, emc, lines


def test_a_list_and_totals_are_held_against_what_is_counted(service: Service, tmp_path: Path) -> None:
    asked = ("--agency", "H26", "--start", "2024-03-01", "--data-dir", service.data_dir)
    rate = ("--metric", "data_reuse", "--definition", "received", "--period", "month")
    codes = [each["dossier"] for each in lines(done("dossiers", *rate, "--json", *asked))]
    ours = tmp_path / "ours.csv"
    ours.write_text("\n".join(["dossier", *codes]), "utf-8")
    assert f"{len(codes)} with both, 0 counted differently" in done("reconcile", ours, *asked)
    ours.write_text("\n".join(["dossier", *codes[1:]]), "utf-8")
    result = emc("reconcile", ours, "--json", *asked)
    assert result.returncode == 1
    assert [(each["set"], each["dossier"]) for each in lines(result.stdout)] == [("only_ours", codes[0])]
    told = emc("reconcile", ours, *asked, EMC_LANG="vi").stdout
    assert f"chỉ được tính ở đây\t{codes[0]}" in told
    totals = tmp_path / "totals.csv"
    totals.write_text(f"metric,numerator,denominator\ndata_reuse,0,{len(codes) + 1}\n", "utf-8")
    result = emc("reconcile", totals, *asked)
    assert (result.returncode, str(len(codes) + 1) in result.stdout) == (1, True)
    ours.write_text("name\nx\n", "utf-8")
    assert "line 1: expected a column dossier" in complaint("reconcile", ours, *asked, code=2)
