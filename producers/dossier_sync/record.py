"""One dossier-sync record into what it says in the contract's terms."""

import re
from collections.abc import Mapping

from emc import identifiers
from producers.dossier_sync import components, values
from producers.dossier_sync.fields import ALIASES, EXTENT, FEES, RESULTS, Fields
from producers.dossier_sync.people import read_identified
from producers.said import Fault, Notice, Said
from producers.source_words import SourceWords, folded

_CHANNELS = {1: "direct", 2: "online", 3: "postal"}
_FINISHED = (9, 10)
_INSTANTS = {
    "submitted_at": "NgayNopHoSo",
    "received_at": "NgayTiepNhan",
    "due_at": "NgayHenTra",
    "resolved_at": "NgayKetThucXuLy",
    "returned_at": "NgayTra",
}
_DIGITISED = "HoSoCoThanhPhanSoHoa"
_CODE, _OTHER_CODE = "MaHoSo", "IDHoSo"
_link = "duongdanteptinketqua"
_suffix = re.compile(
    rf"(.+?)\.(?:{identifiers.OLD_IDENTIFIER}|{identifiers.NEW_IDENTIFIER})", re.DOTALL
).fullmatch

# contract field = the official name that a refusal of it is reported under
COLUMNS = {
    "procedure": "MaTTHC",
    "unit": "DonViXuLy",
    "channel": "KenhThucHien",
    "status": "TrangThaiHoSo",
    **_INSTANTS,
    "electronic_result": "DanhSachGiayToKetQua",
    "components": "DanhSachTaiLieuNop",
    "identified": "TaiKhoanDuocXacThucVoiVNeID",
    "fee_due": "DanhSachLePhi",
    "paid_online": "DuocThanhToanTrucTuyen",
}
# known, and dropped on purpose: people, and what no rate asks for
_DROPPED = (
    *("SoDinhDanh", "ChuHoSo", "LoaiDinhDanh", "DinhDanhCHS", "LoaiDoiTuong", "MaDoiTuong"),
    *("HinhThuc", "HinhThucTra", "NoiNopHoSo", "MaHoSoKhac", "DSKetNoiCSDL"),
)
_LISTS = (
    RESULTS,
    "TaiLieuNop",
    "ThanhPhanHoSo",
    "DanhSachThanhPhanHoSo",
    FEES,
    "PhiLePhi",
    "DanhSachPhiLePhi",
)
KNOWN = frozenset(
    name.lower()
    for name in (
        *(_CODE, _OTHER_CODE, EXTENT, _DIGITISED, "MaDonViTiepNhan"),
        *(*_DROPPED, *_LISTS, *COLUMNS.values()),
        *(alias for names in ALIASES.values() for alias in names),
    )
)
_NUMBERS = frozenset(("sodinhdanh", "dinhdanhchs"))
_UNREAD = frozenset(name.lower() for name in _DROPPED) - _NUMBERS
_PLAIN = SourceWords()


def is_read(name: str) -> bool:
    """Whether anything is made of a field of this name."""
    return name.lower() in KNOWN - _UNREAD


def is_kept(name: str) -> bool:
    """Whether a field of this name may be kept of a refused record: it is read, and holds nothing of
    people.
    """
    return is_read(name) and name.lower() not in _NUMBERS


def read_record(record: Mapping[str, object], words: SourceWords = _PLAIN) -> Said:
    """What a record says of its dossier, with all its faults; `words` are the tables of its source.

    Absent fields stay absent, empty ones are null. What cannot be read is a fault, and left out of the data.
    """
    said = Said("")
    try:
        _read(record, said, words)
    except RecursionError:
        said.faults.append(Fault(None, "expected fewer levels in lists"))
    said.unknown = [name for name in record if name.lower() not in KNOWN]
    return said.without_faults()


def _read(record: Mapping[str, object], said: Said, words: SourceWords) -> None:
    fields = Fields(record, said)
    code = fields.get(_CODE, "", values.text) or fields.get(_OTHER_CODE, "", values.text)
    said.subject = code or ""
    if code is None and not said.faults:
        fields.fault(fields.written(_CODE), "", "expected a dossier code")
    _read_plain(fields, said, words)
    _read_instants(fields, said, words)
    _read_lists(fields, said)
    read_identified(fields, said)
    _read_fees(fields, said)


def column_of(field: str | None, record: Mapping[str, object]) -> str:
    """The record's own name for a contract field (None: the dossier's code)."""
    official = _CODE if field is None else COLUMNS.get(field, field)
    names = [official, official.removeprefix("DanhSach"), *ALIASES.get(official, ())]
    wanted = [name.lower() for name in names]
    return next((written for written in record if written.lower() in wanted), official)


def _read_plain(fields: Fields, said: Said, words: SourceWords) -> None:
    data = said.data
    if "MaTTHC" in fields:
        data["procedure"] = read_procedure(fields.get("MaTTHC", "procedure", values.text), said, words)
    _read_unit(fields, said, words)
    if "KenhThucHien" in fields:
        data["channel"] = fields.get("KenhThucHien", "channel", _channel)
    if "TrangThaiHoSo" in fields:
        _read_status(fields.raw("TrangThaiHoSo"), said, words)
    if "DuocThanhToanTrucTuyen" in fields:
        data["paid_online"] = fields.get("DuocThanhToanTrucTuyen", "paid_online", values.payment)


def read_procedure(written: str | None, said: Said, words: SourceWords) -> str | None:
    """The national code: as it is, without the agency behind it, or by the source's table; else null."""
    if written is None or identifiers.procedure_code(written):
        return written
    suffixed = _suffix(written)
    for code in (written, suffixed[1]) if suffixed else (written,):
        found = words.procedures.get(folded(code)) or identifiers.procedure_code(code)
        if found:
            return found
    said.notice(Notice.UNKNOWN_PROCEDURE)
    return None


def _read_unit(fields: Fields, said: Said, words: SourceWords) -> None:
    """The unit from `DonViXuLy`, an identifier or a name of the source's table, else `MaDonViTiepNhan`."""
    handling = fields.get("DonViXuLy", "unit", values.text)
    receiving = fields.get("MaDonViTiepNhan", "unit", values.text)
    for written in (handling, receiving):
        found = words.units.get(folded(written or "")) or written
        if found and identifiers.level1(found):
            said.data["unit"] = found
            return
    if handling or receiving:
        said.notice(Notice.UNKNOWN_UNIT)
    elif "DonViXuLy" in fields or "MaDonViTiepNhan" in fields:
        said.data["unit"] = None


def _read_status(value: object, said: Said, words: SourceWords) -> None:
    """A status by the source's table, then as a number; an unknown one stays unsaid, and is counted."""
    if value is None:
        said.data["status"] = None
        return
    try:
        number = values.whole(value)
    except ValueError:
        number = None
    word = str(number) if number is not None else str(value)
    status = words.statuses.get(folded(word), number)
    if status is not None and 1 <= status <= 10:
        said.data["status"] = status
    else:
        said.notice(Notice.UNKNOWN_STATUS)


def _read_instants(fields: Fields, said: Said, words: SourceWords) -> None:
    data = said.data
    for field, name in _INSTANTS.items():
        if name in fields:
            data[field] = fields.get(name, field, lambda value: values.instant(value, words.zone))
    finished = data.get("status") in _FINISHED
    if data.get("status") == 9 and data.get("resolved_at") is None:
        said.notice(Notice.FINISHED_WITHOUT_DATE)
    if data.get("resolved_at") is None and finished and data.get("returned_at"):
        data["resolved_at"] = data["returned_at"]


def _read_lists(fields: Fields, said: Said) -> None:
    handed_in = components.listed(fields)
    results = fields.list_of(RESULTS, "electronic_result")
    if results is not None:
        links = [one.get(_link) for one in results]
        linked = [link for link in links if not values.is_empty(link)]
        said.data["electronic_result"] = bool(linked) if results else None
        if handed_in and any(isinstance(one, str) and one in components.links(handed_in) for one in linked):
            said.notice(Notice.RESULT_IS_INPUT)
    if handed_in:
        said.data["components"] = components.components(fields, handed_in)
    elif not fields.unreadable:
        _read_digitised(fields, said, handed_in is not None)


def _read_digitised(fields: Fields, said: Said, is_listed: bool) -> None:
    """Without a list of components, the flag that there is a digitised one stands for one."""
    if _DIGITISED in fields:
        digitised = fields.get(_DIGITISED, "components", values.flag) == 1
        said.data["components"] = [{"code": "*", "digitised": True}] if digitised else None
    elif is_listed:
        said.data["components"] = None


def _read_fees(fields: Fields, said: Said) -> None:
    fees = fields.fees()
    if fees is not None:
        prices = [fields.of_item(fee, "Gia", "fee_due", values.amount) for fee in fees]
        said.data["fee_due"] = any(price is not None and price > 0 for price in prices) if fees else None


def _channel(value: object) -> str | None:
    number = values.whole(value)
    if number is not None and number not in _CHANNELS:
        raise ValueError("expected 1, 2 or 3")
    return None if number is None else _CHANNELS[number]
