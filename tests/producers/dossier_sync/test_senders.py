"""Records as senders really fill them: each oddity alone, with what is to come of it."""

import pytest

from emc.instants import parse_instant
from producers.dossier_sync import read_record
from producers.dossier_sync.people import is_filler
from producers.said import Notice, Said
from producers.source_words import load_source_words

CODE = "H21.17-260302-4821"
SHIPPED = load_source_words().of("H21", "one-stop")


def said(**fields: object) -> Said:
    found = read_record({"MaHoSo": CODE, **fields}, SHIPPED)
    assert found.faults == []
    return found


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("20260302081500", "2026-03-02T08:15:00+07:00"),
        ("02/03/2026 08:15:00", "2026-03-02T08:15:00+07:00"),
        ("2026-03-02 08:15:00", "2026-03-02T08:15:00+07:00"),
        ("2026-03-02T08:15:00.250", "2026-03-02T08:15:00.250000+07:00"),
        ("/Date(1772414100000)/", "2026-03-02T01:15:00+00:00"),
        ("/Date(1772414100000+0700)/", "2026-03-02T01:15:00+00:00"),
        (r"\/Date(1772414100250)\/", "2026-03-02T01:15:00.250000+00:00"),
    ],
)
def test_dates_without_offset_are_local(written: str, instant: str) -> None:
    assert said(NgayTiepNhan=written).data == {"received_at": instant}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("31/02/2024 08:00:00", "no such day"),
        ("20240231080000", "no such day"),
        ("2023-02-29 08:00:00", "no such day"),
        ("03/13/2024 08:00:00", "no such month"),
    ],
)
def test_a_date_that_does_not_exist_is_told_as_such(written: str, told: str) -> None:
    (fault,) = read_record({"MaHoSo": CODE, "NgayTra": written}).faults
    assert told in fault.detail
    assert written[:4] not in fault.detail


def test_all_faults_of_a_record_are_told() -> None:
    wrong = read_record({"MaHoSo": "", "NgayTra": "x", "KenhThucHien": 7, "DanhSachLePhi": [{"Gia": "x"}]})
    assert {fault.column for fault in wrong.faults} == {"MaHoSo", "NgayTra", "KenhThucHien", "Gia"}
    assert wrong.data == {}


def test_a_record_without_a_channel_says_nothing_of_it() -> None:
    assert said(MaDoiTuong=None).data == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"NgayNop": "20260302081500"},
        {"ngaynop": "20260302081500", "NgayNopHoSo": ""},
        {"NGAYNOPHOSO": "20260302081500", "NgayNop": None},
    ],
)
def test_aliases_stand_for_their_names(fields: dict[str, object]) -> None:
    assert said(**fields).data == {"submitted_at": "2026-03-02T08:15:00+07:00"}


@pytest.mark.parametrize("name", ["StatusId", "TrangThaiHoSo", "TrangThai", "trangthai"])
def test_a_status_has_three_names(name: str) -> None:
    assert said(**{name: "5"}).data == {"status": 5}


@pytest.mark.parametrize(
    ("written", "status"),
    [
        *(("processing", 4), ("Done", 10), ("denied", 3), ("cancelled", 7), ("waiting", 5), ("paying", 6)),
        *((11, 3), ("11", 3), ("Đã trả kết quả", 10), ("  đang  xử lý ", 4), (2.0, 2)),
        ("Đã trả kết quả", 10),  # decomposed
    ],
)
def test_status_words_are_read_by_the_table(written: object, status: int) -> None:
    assert said(TrangThaiHoSo=written).data == {"status": status}


@pytest.mark.parametrize("written", ["", "0", 0, 12, "whatever", [1]])
def test_an_unknown_status_says_nothing_and_is_noticed(written: object) -> None:
    found = said(TrangThaiHoSo=written)
    assert (found.data, found.notices) == ({}, [Notice.UNKNOWN_STATUS])


@pytest.mark.parametrize(
    ("written", "procedure"),
    [
        ("1.000002.000.00.00.H21", "1.000002.000.00.00.H21"),  # the contract drops what is behind the code
        ("1.000002.H21", "1.000002"),
        ("", None),
    ],
)
def test_a_procedure_code_with_an_agency_behind_it(written: str, procedure: str | None) -> None:
    found = said(MaTTHC=written)
    assert (found.data, found.notices) == ({"procedure": procedure}, [])


def test_a_local_procedure_is_null_and_noticed_unless_the_table_knows_it(tmp_path: object) -> None:
    found = said(MaTTHC="TS_lop1.000.00.00.H22")
    assert (found.data, found.notices) == ({"procedure": None}, [Notice.UNKNOWN_PROCEDURE])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"MaDonViTiepNhan": "G09.20"}, {"unit": "G09.20"}),
        ({"DonViXuLy": "Sở Mẫu", "MaDonViTiepNhan": "G09.20"}, {"unit": "G09.20"}),
        ({"DonViXuLy": "H21.17", "MaDonViTiepNhan": "H21.18"}, {"unit": "H21.17"}),
        ({"DonViXuLy": ""}, {"unit": None}),
    ],
)
def test_the_unit_is_an_identifier(fields: dict[str, object], expected: dict[str, object]) -> None:
    assert said(**fields).data == expected


def test_a_units_name_without_an_identifier_is_noticed() -> None:
    assert said(DonViXuLy="Sở Mẫu").notices == [Notice.UNKNOWN_UNIT]


def test_components_with_one_code_are_one_and_those_without_stay_apart() -> None:
    files = [
        {"MaThanhPhanHoSo": "A", "DuocSoHoa": "1", "DuocTaiSuDung": "0"},
        {"MaThanhPhanHoSo": "A", "DuocSoHoa": "1", "DuocTaiSuDung": "2"},
        {"MaThanhPhanHoSo": "A", "DuocSoHoa": "1", "DuocLayTuKhoDMQG": "1"},
        {"MaThanhPhanHoSo": "B", "DuocSoHoa": "1"},
        {"MaThanhPhanHoSo": "B", "DuocSoHoa": "0"},
        {"MaThanhPhanHoSo": ""},
        {"MaThanhPhanHoSo": "", "DuocSoHoa": "1"},
    ]
    assert said(TaiLieuNop=files).data["components"] == [
        {"code": "A", "digitised": True, "reused": True, "reuse_source": "national-store"},
        {"code": "B", "digitised": False},
        {"code": "*"},
        {"code": "*", "digitised": True},
    ]


@pytest.mark.parametrize(
    ("deleted", "counts"), [("False", 1), ("0", 1), (None, 1), ("True", 0), ("1", 0), (True, 0), (1, 0)]
)
def test_a_deleted_file_is_no_component(deleted: object, counts: int) -> None:
    found = said(TaiLieuNop=[{"MaThanhPhanHoSo": "A", "IsDeleted": deleted}])
    assert len(found.data["components"] or []) == counts  # type: ignore[arg-type]


def test_files_attached_to_components() -> None:
    parts = [
        {"MaThanhPhanHoSo": "A", "LoaiBan": 2, "GiayToDinhKem": [{"DuocSoHoa": 1}, {"DuocTaiSuDung": 1}]},
        {"MaThanhPhanHoSo": "B", "GiayToDinhKem": []},
    ]
    assert said(ThanhPhanHoSo=parts).data["components"] == [
        {"code": "A", "digitised": False, "reused": True, "reuse_source": "agency-store"},
        {"code": "B"},
    ]


def test_a_list_in_xml_with_an_unescaped_ampersand_is_unknown_and_the_record_counts() -> None:
    xml = "<ExtentData><TaiLieuNop><DuongDanTaiTepTin>https://mau.example/x?a=1&b=2</DuongDanTaiTepTin></TaiLieuNop></ExtentData>"
    found = said(StatusId="10", HoSoCoThanhPhanSoHoa="1", CertificateExtentData=xml)
    assert (found.data, found.notices) == ({"status": 10}, [Notice.UNREADABLE_LIST])


def test_the_first_input_files_link_as_the_result_counts_and_is_noticed() -> None:
    link = "https://mau.example/b.pdf"
    found = said(
        TaiLieuNop=[{"MaThanhPhanHoSo": "A", "DuongDanTaiTepTin": link}],
        DanhSachGiayToKetQua=[{"DuongDanTepTinKetQua": link}],
    )
    assert found.data["electronic_result"] is True
    assert found.notices == [Notice.RESULT_IS_INPUT]


@pytest.mark.parametrize(
    "number",
    ["000000001", "000000000", "1", "123456789", "0123456789", "111111111111", "000 000 001", "-"],
)
def test_a_filler_identifies_nobody(number: str) -> None:
    assert is_filler(number)
    found = said(DinhDanhCHS=[{"LoaiDinhDanh": "2", "SoDinhDanh": number}])
    assert (found.data, found.notices) == ({"identified": False}, [Notice.PLACEHOLDER_IDENTITY])


def test_a_number_identifies_and_goes_no_further() -> None:
    found = said(DinhDanhCHS=[{"SoDinhDanh": ""}, {"SoDinhDanh": "XXXXXYYYY"}])
    assert (found.data, found.notices) == ({"identified": True}, [])


@pytest.mark.parametrize(("ended", "noticed"), [(None, True), ("", True), ("20260302081500", False)])
def test_finished_without_a_date_is_noticed(ended: object, noticed: bool) -> None:
    found = said(TrangThaiHoSo="9", NgayKetThucXuLy=ended)
    assert (Notice.FINISHED_WITHOUT_DATE in found.notices) == noticed


@pytest.mark.parametrize(
    ("price", "due"),
    [
        *(("135000", True), ("135.000 VNĐ", True), ("135,000đ", True), ("Miễn phí", False), ("0 VNĐ", False)),
        *(("Miễn phí", False), (135000.0, True), ("", False)),
    ],
)
def test_prices_as_they_are_written(price: object, due: bool) -> None:
    assert said(DanhSachLePhi=[{"Gia": price}]).data == {"fee_due": due}


@pytest.mark.parametrize(("flag", "paid"), [("3", False), (3, False), ("1", True), ("0", False), ("", None)])
def test_paid_by_another_way_is_not_online(flag: object, paid: bool | None) -> None:
    assert said(DuocThanhToanTrucTuyen=flag).data == {"paid_online": paid}


def test_a_cancellation_takes_the_result_back() -> None:
    found = said(TrangThaiHoSo="1", DanhSachGiayToKetQua=[])
    assert found.data == {"status": 1, "electronic_result": None}


def test_a_source_in_another_zone() -> None:
    words = load_source_words().of("H21", "one-stop")
    assert parse_instant("2026-03-02T08:00:00+07:00") == parse_instant(
        str(read_record({"MaHoSo": CODE, "NgayTra": "20260302080000"}, words).data["returned_at"])
    )
