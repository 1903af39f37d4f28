"""Refused rows in a file that is mended and imported again."""

import csv
from pathlib import Path

import msgspec
import pytest

from producers.importing import JudgedRows
from producers.importing.mapping import read_mapping
from producers.importing.rejects import Rejects
from tests.producers.importing.kept import Monitor, request, take

MAPPING = read_mapping({"dossier": "mã", "columns": {"channel": "kênh", "identified": "số"}})
TABLE = """\
mã,kênh,số,tên
H25-260305-0001,online,true,XXX
H25-260305-0002,fax,123456789,XXX
H25-260305-0003,phone,true,XXX
"""


def rejected(path: Path, out: Path, form: str = "csv", **more: object) -> int:
    rows = JudgedRows(request(path, form, **more))
    with Rejects(rows.columns) as rejects:
        for row in rows:
            rejects.add(row)
        rejects.write(out)
        return rejects.rows


def test_the_columns_are_the_originals_with_the_reasons_behind_and_mended_they_count(tmp_path: Path) -> None:
    path, out = tmp_path / "export.csv", tmp_path / "out.csv"
    path.write_text(TABLE, encoding="utf-8")
    assert rejected(path, out, mapping=MAPPING) == 2
    with out.open(encoding="utf-8-sig", newline="") as file:
        head, first, second = csv.reader(file)
    assert head == ["mã", "kênh", "số", "tên", "emc_reason", "emc_place"]
    assert first[:4] == ["H25-260305-0002", "fax", "", ""]  # neither people's numbers nor unread columns
    assert "kênh: expected one of direct, online, postal" in first[4]
    assert "số: expected true or false" in first[4]
    assert second[5] == f"{path}, line 4"
    text = out.read_text(encoding="utf-8")
    assert "XXX" not in text
    assert "123456789" not in text
    out.write_text(text.replace("fax", "online").replace("phone", "postal"), encoding="utf-8")
    monitor = Monitor()
    assert take(monitor, out, mapping=MAPPING).report.refused == 0
    assert set(monitor.held) == {"H25-260305-0002", "H25-260305-0003"}


def test_refused_again_the_columns_stand_once_and_the_delimiter_stays(tmp_path: Path) -> None:
    path, out, again = (tmp_path / name for name in ("export.csv", "out.csv", "again.csv"))
    path.write_text(TABLE, encoding="utf-8")
    rejected(path, out, mapping=MAPPING)
    assert rejected(out, again, mapping=MAPPING) == 2
    head = again.read_text(encoding="utf-8-sig").splitlines()[0]
    assert head == "mã,kênh,số,tên,emc_reason,emc_place"
    assert take(Monitor(), out, mapping=MAPPING).report.unused_columns == ["tên"]
    with Rejects(["mã", "kênh"], delimiter="semicolon") as rejects:
        rejects.write(again)
    assert again.read_text(encoding="utf-8-sig") == "mã;kênh;emc_reason;emc_place\n"


RECORDS = [
    {"MaHoSo": "H25-260305-0001", "KenhThucHien": 7, "SoDinhDanh": "XXX", "ChuHoSo": "XXX", "NgayTra": ""},
    {
        "MaHoSo": "H25-260305-0002",
        "KenhThucHien": 8,
        "DanhSachTaiLieuNop": [{"MaThanhPhanHoSo": "A", "DuocSoHoa": "1"}],
        "Khac": "XXX",
    },
]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_records_come_back_without_people_and_say_the_same_when_mended(tmp_path: Path, name: str) -> None:
    path, out = tmp_path / "export.json", tmp_path / name
    path.write_bytes(msgspec.json.encode(RECORDS))
    assert rejected(path, out, "dossier-sync") == 2
    text = out.read_text(encoding="utf-8")
    assert "XXX" not in text
    assert "line 1, record 2" in text
    mended = text.replace(",7,", ",2,").replace(",8,", ",1,").replace(":7", ":2").replace(":8", ":1")
    out.write_text(mended, encoding="utf-8")
    monitor, plain = Monitor(), Monitor()
    take(monitor, out, "dossier-sync")
    path.write_bytes(
        msgspec.json.encode(
            [
                {"MaHoSo": "H25-260305-0001", "KenhThucHien": 2, "NgayTra": ""},
                {"MaHoSo": "H25-260305-0002", "KenhThucHien": 1}
                | {"TaiLieuNop": RECORDS[1]["DanhSachTaiLieuNop"]},
            ]
        )
    )
    take(plain, path, "dossier-sync")
    assert [[write[2] for write in monitor.held[code]] for code in monitor.held] == [
        [write[2] for write in plain.held[code]] for code in plain.held
    ]
