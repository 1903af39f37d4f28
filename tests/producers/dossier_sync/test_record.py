"""Dossier-sync records into the data of dossier events."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emc.events import DossierData
from producers.dossier_sync import COLUMNS, read_record
from producers.said import Fault, Notice, Said

CODE = "H25.16-240305-0007"


def read(**fields: object) -> dict[str, object]:
    said = said_of(**fields)
    assert said.faults == []
    return said.data


def said_of(**fields: object) -> Said:
    return read_record({"MaHoSo": CODE, **fields})


def fault_of(**fields: object) -> Fault:
    (fault,) = said_of(**fields).faults
    return fault


def test_a_whole_record_says_all_that_the_contract_asks() -> None:
    dossier = read_record(
        {
            "MaHoSo": f" {CODE} ",
            "MaTTHC": "1.010708.000.00.00.H56",
            "DonViXuLy": "H25.16.02",
            "KenhThucHien": "2",
            "TrangThaiHoSo": "10",
            "NgayNopHoSo": "04/03/2024 21:10:00",
            "NgayTiepNhan": "05/03/2024 08:00:00",
            "NgayHenTra": "20240315170000",
            "NgayKetThucXuLy": "2024-03-12T09:30:00Z",
            "NgayTra": "2024-03-13T09:30:00+07:00",
            "DanhSachGiayToKetQua": [{"TenGiayTo": "XXX", "DuongDanTepTinKetQua": "XXX"}],
            "DanhSachTaiLieuNop": [
                {"MaThanhPhanHoSo": "A", "DuocSoHoa": "1", "DuocLayTuKhoDMQG": "1"},
                {"MaThanhPhanHoSo": "B", "DuocSoHoa": "0", "DuocLayTuKhoDMQG": "0"},
            ],
            "TaiKhoanDuocXacThucVoiVNeID": "1",
            "DanhSachLePhi": [{"Gia": "0"}, {"Gia": "50000"}],
            "DuocThanhToanTrucTuyen": "2",
            "ChuHoSo": "XXX",
            "DienThoai": "XXX",
        }
    )
    assert dossier.subject == CODE
    assert dossier.data == {
        "procedure": "1.010708.000.00.00.H56",
        "unit": "H25.16.02",
        "channel": "online",
        "status": 10,
        "submitted_at": "2024-03-04T21:10:00+07:00",
        "received_at": "2024-03-05T08:00:00+07:00",
        "due_at": "2024-03-15T17:00:00+07:00",
        "resolved_at": "2024-03-12T09:30:00+00:00",
        "returned_at": "2024-03-13T09:30:00+07:00",
        "electronic_result": True,
        "components": [
            {"code": "A", "digitised": True, "reused": True, "reuse_source": "national-store"},
            {"code": "B", "digitised": False, "reused": False},
        ],
        "identified": True,
        "fee_due": True,
        "paid_online": True,
    }
    assert dossier.unknown == ["DienThoai"]


def test_what_is_absent_says_nothing_and_what_is_empty_is_null() -> None:
    assert read() == {}
    empty = dict.fromkeys((*COLUMNS.values(), "SoDinhDanh"), "")
    assert read(**empty) == dict.fromkeys(
        set(COLUMNS) - {"status"}
    )  # "" is what some send for a status unknown
    nulls: dict[str, object] = dict.fromkeys((*COLUMNS.values(), "SoDinhDanh", "CertificateExtentData"))
    assert read(**nulls) == dict.fromkeys(COLUMNS)
    assert read(DanhSachTaiLieuNop=[], DanhSachGiayToKetQua=[], DanhSachLePhi=[]) == dict.fromkeys(
        ("components", "electronic_result", "fee_due")
    )


@pytest.mark.parametrize(
    "change", [str.lower, str.upper, str.swapcase, lambda name: name[0].lower() + name[1:]]
)
def test_names_match_whatever_their_case(change: object) -> None:
    record = {
        "MaHoSo": CODE,
        "KenhThucHien": 1,
        "DanhSachTaiLieuNop": [{"MaThanhPhanHoSo": "A", "DuocSoHoa": 1}],
    }

    def renamed(value: object) -> object:
        if isinstance(value, dict):
            return {change(key): renamed(one) for key, one in value.items()}  # type: ignore[operator]
        return [renamed(one) for one in value] if isinstance(value, list) else value

    changed = renamed(record)
    assert isinstance(changed, dict)
    assert read_record(changed).data == read_record(record).data
    assert read_record(changed).unknown == []


@pytest.mark.parametrize(
    ("written", "channel"),
    [(1, "direct"), ("2", "online"), (3.0, "postal"), (" 3 ", "postal"), (None, None), ("", None)],
)
def test_channels(written: object, channel: str | None) -> None:
    assert read(KenhThucHien=written) == {"channel": channel}


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("05/03/2024 08:09:10", "2024-03-05T08:09:10+07:00"),
        ("5/3/2024 8:09:10", "2024-03-05T08:09:10+07:00"),
        ("20240305080910", "2024-03-05T08:09:10+07:00"),
        (20240305080910, "2024-03-05T08:09:10+07:00"),
        ("2024-03-05T08:09:10", "2024-03-05T08:09:10+07:00"),
        ("2024-03-05 08:09:10.1234567", "2024-03-05T08:09:10.123456+07:00"),
        ("2024-03-05T01:09:10Z", "2024-03-05T01:09:10+00:00"),
        ("2024-03-05t01:09:10.5-02:30", "2024-03-05T01:09:10.500000-02:30"),
    ],
)
def test_dates_in_three_forms_are_local_unless_they_say_their_offset(written: object, instant: str) -> None:
    assert read(NgayTiepNhan=written) == {"received_at": instant}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NgayTiepNhan", "31/02/2024 08:00:00"),
        ("NgayTiepNhan", "03/31/2024 08:00:00"),
        ("NgayTiepNhan", "2024030508000"),
        ("NgayTiepNhan", "20240305"),
        ("NgayTiepNhan", "2024-03-05T08:00:60"),
        ("NgayTiepNhan", "XXX"),
        ("NgayTiepNhan", 5.5),
        ("NgayTiepNhan", {"a": 1}),
        ("KenhThucHien", "4"),
        ("KenhThucHien", "XXX"),
        ("MaTTHC", 1.010708),
        ("TaiKhoanDuocXacThucVoiVNeID", "XXX"),
        ("DanhSachTaiLieuNop", "XXX"),
        ("DanhSachTaiLieuNop", [1]),
        ("DanhSachTaiLieuNop", 5),
    ],
)
def test_what_cannot_be_read_is_refused_by_name_and_never_quoted(name: str, value: object) -> None:
    fault = fault_of(**{name: value})
    assert fault.column == name
    assert fault.detail.startswith("expected")
    assert "XXX" not in str(fault)


@pytest.mark.parametrize("record", [{}, {"MaHoSo": ""}, {"MaHoSo": None}, {"MaHoSo": 5}])
def test_a_record_without_a_code_is_refused(record: dict[str, object]) -> None:
    (fault,) = read_record(record).faults
    assert (fault.column, fault.path) == ("MaHoSo", "$.subject")


@pytest.mark.parametrize("name", ["MaThanhPhanHoSo", "DuocSoHoa", "DuocLayTuKhoDMQG", "DuocTaiSuDung"])
def test_what_cannot_be_read_in_a_component_is_refused_by_name(name: str) -> None:
    fault = fault_of(DanhSachTaiLieuNop=[{name: 7}])
    assert (fault.column, fault.path) == (name, "$.data.components")


@pytest.mark.parametrize(
    ("unit", "data"),
    [
        ("H25.16.02", {"unit": "H25.16.02"}),
        ("000.00.16.H25", {"unit": "000.00.16.H25"}),
        ("XXX", {}),
        ("", {"unit": None}),
    ],
)
def test_a_units_name_is_dropped_an_identifier_kept(unit: str, data: dict[str, object]) -> None:
    assert read(DonViXuLy=unit) == data


RETURNED = "2024-03-06T08:00:00+07:00"


@pytest.mark.parametrize(
    ("fields", "resolved"),
    [
        ({"TrangThaiHoSo": 9, "NgayTra": RETURNED}, RETURNED),
        ({"TrangThaiHoSo": "10", "NgayTra": RETURNED, "NgayKetThucXuLy": ""}, RETURNED),
        (
            {"TrangThaiHoSo": 10, "NgayTra": RETURNED, "NgayKetThucXuLy": "20240305080000"},
            "2024-03-05T08:00:00+07:00",
        ),
        ({"TrangThaiHoSo": 4, "NgayTra": RETURNED}, "absent"),
        ({"TrangThaiHoSo": 4, "NgayTra": RETURNED, "NgayKetThucXuLy": None}, None),
        ({"TrangThaiHoSo": 9, "NgayTra": ""}, "absent"),
        ({"NgayTra": RETURNED}, "absent"),
    ],
)
def test_a_finished_dossier_without_an_end_of_processing_is_resolved_when_returned(
    fields: dict[str, object], resolved: object
) -> None:
    assert read(**fields).get("resolved_at", "absent") == resolved


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ({"MaThanhPhanHoSo": "A"}, {"code": "A"}),
        ({"DuocSoHoa": 1}, {"code": "*", "digitised": True}),
        ({"MaThanhPhanHoSo": "", "DuocSoHoa": ""}, {"code": "*"}),
        ({"MaThanhPhanHoSo": "A", "DuocSoHoa": 2}, {"code": "A", "digitised": False}),
        (
            {"MaThanhPhanHoSo": "A", "DuocTaiSuDung": 1},
            {"code": "A", "reused": True, "reuse_source": "agency-store"},
        ),
        (
            {"MaThanhPhanHoSo": "A", "DuocTaiSuDung": "2"},
            {"code": "A", "reused": True, "reuse_source": "agency-store"},
        ),
        ({"MaThanhPhanHoSo": "A", "DuocTaiSuDung": "0"}, {"code": "A", "reused": False}),
        (
            {"MaThanhPhanHoSo": "A", "DuocTaiSuDung": "1", "DuocLayTuKhoDMQG": True},
            {"code": "A", "reused": True, "reuse_source": "national-store"},
        ),
        ({"MaThanhPhanHoSo": "A", "DuocLayTuKhoDMQG": 2}, {"code": "A", "reused": False}),
    ],
)
def test_components(component: dict[str, object], expected: dict[str, object]) -> None:
    assert read(DanhSachTaiLieuNop=[component]) == {"components": [expected]}


@pytest.mark.parametrize(
    ("fields", "components"),
    [
        ({"HoSoCoThanhPhanSoHoa": "1"}, [{"code": "*", "digitised": True}]),
        ({"HoSoCoThanhPhanSoHo": 1, "DanhSachTaiLieuNop": []}, [{"code": "*", "digitised": True}]),
        ({"HoSoCoThanhPhanSoHoa": "0"}, None),
        ({"HoSoCoThanhPhanSoHoa": ""}, None),
        ({"HoSoCoThanhPhanSoHoa": "1", "DanhSachTaiLieuNop": [{"MaThanhPhanHoSo": "A"}]}, [{"code": "A"}]),
    ],
)
def test_the_flag_of_digitised_components_counts_without_a_list(
    fields: dict[str, object], components: object
) -> None:
    assert read(**fields) == {"components": components}


@pytest.mark.parametrize(
    ("fields", "data"),
    [
        ({"SoDinhDanh": "XXX"}, {"identified": True}),
        ({"SoDinhDanh": "XXX", "TaiKhoanDuocXacThucVoiVNeID": 0}, {"identified": True}),
        ({"SoDinhDanh": "", "TaiKhoanDuocXacThucVoiVNeID": 0}, {"identified": False}),
        ({"SoDinhDanh": "", "TaiKhoanDuocXacThucVoiVNeID": 1}, {"identified": True}),
        ({"SoDinhDanh": ""}, {"identified": None}),
        ({"TaiKhoanDuocXacThucVoiVNeID": 2}, {"identified": False}),
    ],
)
def test_identified_says_whether_never_who(fields: dict[str, object], data: dict[str, object]) -> None:
    assert read(**fields) == data


@pytest.mark.parametrize(
    ("fees", "due"),
    [
        ([{"Gia": 0}], False),
        ([{"Gia": "0.00"}, {"Gia": None}], False),
        ([{"Gia": 0}, {"Gia": 1}], True),
        ([{"gia": "1.500.000"}], True),
        ([{"Gia": "20,000"}], True),
        ({"LePhi": [{"Gia": "5000"}]}, True),
        ({"LePhi": {"Gia": "5000"}}, True),
    ],
)
def test_a_fee_is_due_when_any_price_is_above_zero(fees: object, due: bool) -> None:
    assert read(DanhSachLePhi=fees) == {"fee_due": due}


def test_a_fee_list_of_another_name_is_known_by_its_prices() -> None:
    assert read(KhoanThu=[{"Gia": 5}]) == {"fee_due": True}
    assert read(KhoanThu=[{"XXX": 5}]) == {}


LISTS = {
    "DanhSachTaiLieuNop": [
        {"MaThanhPhanHoSo": "A", "DuocSoHoa": "1"},
        {"MaThanhPhanHoSo": "B", "DuocSoHoa": "0"},
    ],
    "DanhSachGiayToKetQua": [{"DuongDanTepTinKetQua": "XXX"}],
}
SAID = {
    "components": [{"code": "A", "digitised": True}, {"code": "B", "digitised": False}],
    "electronic_result": True,
}
XML = (
    "<TaiLieuNop><MaThanhPhanHoSo>A</MaThanhPhanHoSo><DuocSoHoa>1</DuocSoHoa></TaiLieuNop>"
    "<TaiLieuNop><MaThanhPhanHoSo>B</MaThanhPhanHoSo><DuocSoHoa>0</DuocSoHoa></TaiLieuNop>"
)
RESULT = "<GiayToKetQua><DuongDanTepTinKetQua>XXX</DuongDanTepTinKetQua></GiayToKetQua>"


@pytest.mark.parametrize(
    "fields",
    [
        LISTS,
        {"TaiLieuNop": LISTS["DanhSachTaiLieuNop"], "GiayToKetQua": LISTS["DanhSachGiayToKetQua"][0]},
        {
            "DanhSachTaiLieuNop": {"TaiLieuNop": LISTS["DanhSachTaiLieuNop"]},
            "DanhSachGiayToKetQua": {"GiayToKetQua": LISTS["DanhSachGiayToKetQua"][0]},
        },
        {name: msgspec.json.encode(value).decode() for name, value in LISTS.items()},
        {"CertificateExtentData": LISTS},
        {"CertificateExtentData": msgspec.json.encode(LISTS).decode()},
        {"DanhSachTaiLieuNop": XML, "DanhSachGiayToKetQua": RESULT},
        {"CertificateExtentData": XML + RESULT},
        {"CertificateExtentData": f"<?xml version='1.0' encoding='utf-16'?>\n<x>{XML}{RESULT}</x>"},
        {
            "CertificateExtentData": f"<a:x xmlns:a='u'><a:DanhSachTaiLieuNop>{XML}</a:DanhSachTaiLieuNop>"
            f"<DanhSachGiayToKetQua>{RESULT}</DanhSachGiayToKetQua></a:x>",
            "DanhSachTaiLieuNop": [],
            "DanhSachGiayToKetQua": None,
        },
    ],
)
def test_lists_in_every_form_say_the_same(fields: dict[str, object]) -> None:
    assert read(**fields) == SAID


def test_the_lists_of_the_record_itself_count_before_those_of_the_xml() -> None:
    own = [{"MaThanhPhanHoSo": "C"}]
    assert read(DanhSachTaiLieuNop=own, CertificateExtentData=XML)["components"] == [{"code": "C"}]


def test_an_empty_list_in_the_xml_is_null() -> None:
    assert read(CertificateExtentData="<DanhSachTaiLieuNop/>") == {"components": None}
    assert read(CertificateExtentData="<DanhSachTaiLieuNop><TaiLieuNop/></DanhSachTaiLieuNop>") == {
        "components": None
    }
    assert read(CertificateExtentData="<x/>") == {}


BOMB = '<!DOCTYPE x [<!ENTITY a "XXX"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "<?xml version='1.0'?>" + BOMB,
        "<x>&a;</x>",
        "<x></y>",
        "<x>" * 40 + "</x>" * 40,
        "<x>\ud800</x>",
    ],
)
def test_xml_with_a_document_type_entities_or_faults_is_no_list_and_is_told(text: str) -> None:
    said = said_of(CertificateExtentData=text, HoSoCoThanhPhanSoHoa="1")
    assert (said.data, said.faults, said.notices) == ({}, [], [Notice.UNREADABLE_LIST])


def test_official_names_are_those_of_the_contracts_fields() -> None:
    fields = {field.name for field in msgspec.structs.fields(DossierData)}
    assert set(COLUMNS) == fields - {"result_signed", "removed", "settled_by", "claimed_level"}


NAMES = ("MaHoSo", "SoDinhDanh", "CertificateExtentData", "HoSoCoThanhPhanSoHoa", *COLUMNS.values())
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1", XML, CODE]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*NAMES, "Gia", "TaiLieuNop"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), VALUES))
def test_whatever_a_record_holds_it_is_read_or_refused(record: dict[str, object]) -> None:
    said = read_record(record)
    assert all(fault.detail.startswith("expected") for fault in said.faults)
    assert set(said.data) <= COLUMNS.keys()
    assert not {fault.path.removeprefix("$.data.") for fault in said.faults} & said.data.keys()
