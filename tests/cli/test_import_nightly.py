"""A night's file of ten thousand records in all the shapes of senders, and what an officer sees of
imports.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, emc, lines, write_export

ROWS = 10_000


def link(n: int) -> str:
    return f"https://mau.example/{n}.pdf"


def packed(n: int, code: str) -> dict[str, Any]:
    return {
        "MaHoSo": code,
        "MaTTHC": "1.000001",
        "TrangThaiHoSo": "2",
        "NgayTiepNhan": "20260602081500",
        "NgayTra": "",
        "DonViXuLy": "Sở Mẫu",
        "TaiLieuNop": [{"MaThanhPhanHoSo": "", "DuongDanTaiTepTin": link(n), "IsDeleted": "False"}],
        "DanhSachGiayToKetQua": [],
    }


def finished(n: int, code: str) -> dict[str, Any]:
    return {
        "MaHoSo": code,
        "MaTTHC": "1.000002.000.00.00.H21",
        "KenhThucHien": "2",
        "TrangThaiHoSo": "9",
        "NgayTiepNhan": "2026-06-02 09:00:00",
        "NgayKetThucXuLy": None,
        "DinhDanhCHS": [{"LoaiDinhDanh": "2", "SoDinhDanh": "000000001"}],
        "TaiLieuNop": [{"MaThanhPhanHoSo": "TP1", "DuongDanTaiTepTin": link(n), "DuocSoHoa": "1"}],
        "DanhSachGiayToKetQua": [{"DuongDanTepTinKetQua": link(n)}],
    }


def unescaped(n: int, code: str) -> dict[str, Any]:
    xml = f"<x><TaiLieuNop><DuongDanTaiTepTin>{link(n)}?a=1&b=2</DuongDanTaiTepTin></TaiLieuNop></x>"
    return {
        "MaHoSo": code,
        "StatusId": "10",
        "NgayTiepNhan": "02/06/2026 14:05:00",
        "CertificateExtentData": xml,
    }


def attached(n: int, code: str) -> dict[str, Any]:
    return {
        "MaHoSo": code,
        "MaDonViTiepNhan": "H21.17",
        "NgayNop": "/Date(1780365600000)/",
        "NgayTiepNhan": "2026-06-02T09:00:00.250",
        "TrangThai": "done",
        "ThanhPhanHoSo": [{"MaThanhPhanHoSo": "A", "GiayToDinhKem": [{"DuocTaiSuDung": 1}]}],
        "DanhSachLePhi": [{"Gia": "135.000 VNĐ"}],
        "DuocThanhToanTrucTuyen": "3",
    }


SHAPES: list[Callable[[int, str], dict[str, Any]]] = [packed, finished, unescaped, attached]


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nightly") / "nightly.json"
    records = [SHAPES[n % 4](n, f"H21.17-260602-{n:05d}") for n in range(ROWS)]
    envelope = {"service": "DongBoHoSoMC", "isUpdating": "False", "data": records}
    path.write_bytes(msgspec.json.encode(envelope))
    return path


def arguments(path: Path, service: Service, *more: object) -> list[object]:
    return [path, "--agency", "H21", "--format", "dossier-sync", "--data-dir", service.data_dir, *more]


def test_a_night_of_ten_thousand_mixed_records_twice(service: Service, nightly: Path) -> None:
    (dry,) = lines(done("import", *arguments(nightly, service, "--dry-run", "--json")))
    assert (dry["rows"], dry["new"], dry["refused"], dry["import"]) == (ROWS, ROWS, 0, None)
    (first,) = lines(done("import", *arguments(nightly, service, "--json")))
    counted = {"sent": ROWS, "new": ROWS, "changed": 0, "unchanged": 0, "refused": 0}
    assert {name: first[name] for name in counted} == counted
    quarter = ROWS // 4
    assert first["notices"] == {
        "unknown_unit": quarter,
        "finished_without_date": quarter,
        "result_is_input": quarter,
        "placeholder_identity": quarter,
        "unreadable_list": quarter,
    }
    (second,) = lines(done("import", *arguments(nightly, service, "--json")))
    counted = {"sent": ROWS, "new": 0, "changed": 0, "unchanged": ROWS, "refused": 0}
    assert {name: second[name] for name in counted} == counted
    assert second["moves"] == []
    asked = {"agency": "H21", "period": "month", "start": "2026-06-01"}
    service.settle()
    rates = {
        (rate["metric"], rate["definition"]): (rate["numerator"], rate["denominator"])
        for rate in service.get("/v1/rates", **asked).json()["rates"]
    }
    for move in first["moves"]:
        assert rates[move["metric"], move["definition"]] == tuple(move["after"])
    assert rates["online_submission", "channel"] == (quarter, ROWS)
    assert rates["online_payment", "received"] == (0, quarter)
    assert rates["electronic_result", "all"] == (quarter, ROWS)
    assert rates["data_reuse", "received"] == (quarter, ROWS)


def test_what_is_odd_is_listed_by_source_with_examples(service: Service, nightly: Path) -> None:
    done("import", *arguments(nightly, service))
    service.settle()
    found = {
        (row["warning"], row["field"]): row
        for row in lines(done("warnings", "--agency", "H21", "--json", "--data-dir", service.data_dir))
    }
    quarter = ROWS // 4
    for warning in ("result_is_input", "placeholder_identity", "finished_without_date", "unknown_unit"):
        row = found[warning, None]
        assert (row["source"], row["dossiers"], len(row["examples"])) == ("/agencies/H21/import", quarter, 3)
        assert row["means"]
    assert found["constant_flag", "identified"]["dossiers"] == quarter
    assert found["duplicate_suspect", None]["dossiers"] == 2 * quarter  # one procedure, unit and moment
    explained = service.get(
        f"/v1/dossiers/{found['result_is_input', None]['examples'][0]}/explanation"
    ).json()
    assert {"result_is_input", "placeholder_identity", "finished_without_date"} <= set(explained["warnings"])


def test_imports_and_what_they_refused_stay_visible(service: Service, tmp_path: Path) -> None:
    rows = ["H25-260701-0001,1.000001,by pigeon,4,2026-07-01T08:00:00+07:00,,,", "no code,,,,,,,"]
    result = emc("import", *write_export(tmp_path / "export.csv", rows), "--data-dir", service.data_dir)
    assert result.returncode == 1
    id_ = result.stdout.rsplit("emc imports show ", 1)[1].split("`")[0]
    assert f"Import {id_}" in result.stdout
    (found,) = [
        one
        for one in lines(done("imports", "list", "--json", "--data-dir", service.data_dir))
        if one["id"] == id_
    ]
    assert (found["agency"], found["files"], found["refused"]) == ("H25", ["export.csv"], 2)
    shown = done("imports", "show", id_, "--data-dir", service.data_dir)
    assert "1 row: column channel: expected one of direct, online, postal (line 2)" in shown
    assert "pigeon" not in shown
    said = complaint("imports", "show", "none", "--data-dir", service.data_dir, code=2)
    assert "there is no import of this id" in said


def test_a_copy_of_an_old_export_puts_nothing_back(service: Service, tmp_path: Path) -> None:
    done_ = "H25-260801-0001,1.000001,online,10,2026-08-01T08:00:00+07:00,,2026-08-02T09:00:00+07:00,true"
    open_ = "H25-260801-0001,1.000001,online,4,2026-08-01T08:00:00+07:00,,,"
    newer = write_export(tmp_path / "newer.csv", [done_], "2026-08-03T08:00:00+07:00")
    done("import", *newer, "--data-dir", service.data_dir)
    older = write_export(tmp_path / "older.csv", [open_])[:-2]  # of the file's own time: now
    said = complaint("import", *older, "--data-dir", service.data_dir, code=1)
    assert "1 dossier finished after" in said
    as_of = ("--as-of", "2026-08-01T17:00:00+07:00")
    harmless = done("import", *older, *as_of, "--data-dir", service.data_dir)
    assert "0 new, 0 changed, 1 unchanged (1 of them older than what is known)" in harmless
    forced = done("import", *older, "--force", "--dry-run", "--json", "--data-dir", service.data_dir)
    assert json.loads(forced)["changed"] == 1
