"""Dossier-sync records, as one-stop systems send them to the national portal, into dossier events' data.

Names match without regard to case. A field that is absent from the record is absent from the data, one that
is present and empty is null. Names, numbers and addresses of people are read by nothing here: they end at
this edge. `docs/connecting.md` has the table of fields.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from emc import identifiers
from producers import dossier_sync_lists as lists
from producers import dossier_sync_values as values
from producers.errors import Unmappable

T = TypeVar("T")
_CHANNELS = {1: "direct", 2: "online", 3: "postal"}
_FINISHED = (9, 10)
_INSTANTS = {
    "submitted_at": "NgayNopHoSo",
    "received_at": "NgayTiepNhan",
    "due_at": "NgayHenTra",
    "resolved_at": "NgayKetThucXuLy",
    "returned_at": "NgayTra",
}
COMPONENTS, RESULTS, FEES = "TaiLieuNop", "GiayToKetQua", "LePhi"
EXTENT = "CertificateExtentData"
_DIGITISED = ("HoSoCoThanhPhanSoHoa", "HoSoCoThanhPhanSoHo")

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
_KNOWN = {
    name.lower()
    for name in (
        *("MaHoSo", "SoDinhDanh", "ChuHoSo", "LoaiDinhDanh", EXTENT, *_DIGITISED, *COLUMNS.values()),
        *(COMPONENTS, RESULTS, FEES, "PhiLePhi", "DanhSachPhiLePhi"),
    )
}


@dataclass(slots=True)
class Dossier:
    """A record in the contract's terms; `unknown` names its fields that nothing was made of."""

    code: str
    data: dict[str, object]
    unknown: list[str]


def read_record(record: Mapping[str, object]) -> Dossier:
    """What a record says of its dossier; Unmappable names the field that cannot be read."""
    reading = _Reading(record)
    code = reading.get("MaHoSo", values.text)
    if code is None:
        raise Unmappable("MaHoSo", "expected a dossier code")
    data: dict[str, object] = {}
    _read_plain(reading, data)
    _read_instants(reading, data)
    _read_lists(reading, data)
    _read_people_and_fees(reading, data)
    return Dossier(code, data, [name for name in record if name.lower() not in _KNOWN])


class _Reading:
    """One record, its fields found by official name whatever their case."""

    def __init__(self, record: Mapping[str, object]) -> None:
        self._fields = lists.lower(record)
        self._extent: object = None
        if EXTENT in self:
            self._extent = self.get(EXTENT, lists.extent)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._fields

    def get(self, name: str, read: Callable[[object], T]) -> T:
        """The field's value as `read` understands it; Unmappable when it does not."""
        try:
            return read(self._fields.get(name.lower()))
        except ValueError as error:
            raise Unmappable(name, str(error)) from None

    def list_of(self, name: str) -> list[lists.Item] | None:
        """The objects of the list of `name`, here or in the XML text; None when there is no such list.

        Of several places the first that holds anything counts.
        """
        found = None
        for place in (f"DanhSach{name}", name):
            if place in self:
                found = self.get(place, lambda value: lists.items(value, name.lower()))
                if found:
                    return found
        for place in (f"danhsach{name}".lower(), name.lower()):
            if lists.has(self._extent, place):
                try:
                    return lists.items(lists.find(self._extent, place), name.lower())
                except ValueError as error:
                    raise Unmappable(EXTENT, str(error)) from None
        return found

    def fees(self) -> list[lists.Item] | None:
        """The fees, under a known name or as any list of objects with a `Gia`."""
        found = None
        for name in (FEES, "PhiLePhi"):
            listed = self.list_of(name)
            if listed:
                return listed
            found = listed if found is None else found
        for value in self._fields.values():
            if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
                priced: list[lists.Item] = [lists.lower(one) for one in value]
                if any("gia" in fee for fee in priced):
                    return priced
        return found


def _read_plain(reading: _Reading, data: dict[str, object]) -> None:
    if "MaTTHC" in reading:
        data["procedure"] = reading.get("MaTTHC", values.text)
    if "DonViXuLy" in reading:
        unit = reading.get("DonViXuLy", values.text)
        if unit is None or identifiers.level1(unit):  # else a unit's name: it says nothing that is counted
            data["unit"] = unit
    if "KenhThucHien" in reading:
        data["channel"] = reading.get("KenhThucHien", _channel)
    if "TrangThaiHoSo" in reading:
        data["status"] = reading.get("TrangThaiHoSo", values.whole)
    if "DuocThanhToanTrucTuyen" in reading:
        data["paid_online"] = _any(reading.get("DuocThanhToanTrucTuyen", values.flag), 1, 2)


def _read_instants(reading: _Reading, data: dict[str, object]) -> None:
    for field, name in _INSTANTS.items():
        if name in reading:
            data[field] = reading.get(name, values.instant)
    if data.get("resolved_at") is None and data.get("status") in _FINISHED and data.get("returned_at"):
        data["resolved_at"] = data["returned_at"]


def _read_lists(reading: _Reading, data: dict[str, object]) -> None:
    results = reading.list_of(RESULTS)
    if results is not None:
        linked = (not values.is_empty(one.get("duongdanteptinketqua")) for one in results)
        data["electronic_result"] = any(linked) if results else None
    components = reading.list_of(COMPONENTS)
    name = next((name for name in _DIGITISED if name in reading), None)
    if components:
        data["components"] = [_component(one) for one in components]
    elif name is not None:
        digitised = reading.get(name, values.flag) == 1
        data["components"] = [{"code": "*", "digitised": True}] if digitised else None
    elif components is not None:
        data["components"] = None


def _component(item: lists.Item) -> dict[str, object]:
    """A component; one without a code of its own is `*`, since its flags count all the same."""
    code = _of_item(item, "MaThanhPhanHoSo", values.text)
    component: dict[str, object] = {"code": code or "*"}
    digitised = _any(_of_item(item, "DuocSoHoa", values.flag), 1)
    fetched = _any(_of_item(item, "DuocLayTuKhoDMQG", values.flag), 1)
    again = _any(_of_item(item, "DuocTaiSuDung", values.flag), 1, 2)
    if digitised is not None:
        component["digitised"] = digitised
    if fetched or again:
        component.update(reused=True, reuse_source="national-store" if fetched else "agency-store")
    elif fetched is not None or again is not None:
        component["reused"] = False
    return component


def _read_people_and_fees(reading: _Reading, data: dict[str, object]) -> None:
    verified = "TaiKhoanDuocXacThucVoiVNeID"
    account = _any(reading.get(verified, values.flag), 1)
    if not reading.get("SoDinhDanh", values.is_empty):
        data["identified"] = True
    elif verified in reading or "SoDinhDanh" in reading:
        data["identified"] = account
    fees = reading.fees()
    if fees is not None:
        prices = [_of_item(fee, "Gia", values.amount) for fee in fees]
        data["fee_due"] = any(price is not None and price > 0 for price in prices) if fees else None


def _of_item(item: lists.Item, name: str, read: Callable[[object], T]) -> T:
    try:
        return read(item.get(name.lower()))
    except ValueError as error:
        raise Unmappable(name, str(error)) from None


def _any(flag: int | None, *yes: int) -> bool | None:
    return None if flag is None else flag in yes


def _channel(value: object) -> str | None:
    number = values.whole(value)
    if number is not None and number not in _CHANNELS:
        raise ValueError("expected 1, 2 or 3")
    return None if number is None else _CHANNELS[number]
