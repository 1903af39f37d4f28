"""The fields of one record, found by official name or alias whatever their case, faults gathered on the
way.
"""

import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar

from producers.dossier_sync import lists, values
from producers.said import Fault, Notice, Said

T = TypeVar("T")
EXTENT = "CertificateExtentData"
COMPONENTS, RESULTS, FEES = "TaiLieuNop", "GiayToKetQua", "LePhi"

# official name = other names that senders give it; of several the first that holds anything counts
ALIASES: Mapping[str, tuple[str, ...]] = {
    "NgayNopHoSo": ("NgayNop",),
    "TrangThaiHoSo": ("StatusId", "TrangThai"),
    "HoSoCoThanhPhanSoHoa": ("HoSoCoThanhPhanSoHo",),
}


@cache
def _places(name: str) -> tuple[str, ...]:
    """An official name and its aliases, in lower case."""
    return tuple(one.lower() for one in (name, *ALIASES.get(name, ())))


class Fields:
    """One record. What it cannot read it notes in `said` as a fault, and gives as null."""

    def __init__(self, record: Mapping[str, object], said: Said) -> None:
        self._written = {unicodedata.normalize("NFC", name).lower(): name for name in record}
        self._fields = {name: record[written] for name, written in self._written.items()}
        self._said = said
        self._extent: object = None
        if EXTENT in self:
            try:
                self._extent = lists.extent(self._fields[EXTENT.lower()])
            except ValueError:
                self._extent = None
                self.unreadable = True
                said.notice(Notice.UNREADABLE_LIST)
                return
        self.unreadable = False

    def __contains__(self, name: str) -> bool:
        return self._place(name) is not None

    def _place(self, name: str) -> str | None:
        """The record's field (lower case) for an official name; an alias where that alone holds anything."""
        places = _places(name)
        if len(places) == 1:
            return places[0] if places[0] in self._fields else None
        there = [one for one in places if one in self._fields]
        filled = (one for one in there if not values.is_empty(self._fields[one]))
        return next(filled, there[0] if there else None)

    def raw(self, name: str) -> object:
        """The value as it came."""
        place = self._place(name)
        return None if place is None else self._fields[place]

    def written(self, name: str) -> str:
        """The name as the record writes it."""
        place = self._place(name)
        return name if place is None else self._written[place]

    def get(self, name: str, field: str, read: Callable[[object], T]) -> T | None:
        """The value as `read` understands it; a fault of the contract's `field` when it does not."""
        try:
            return read(self.raw(name))
        except ValueError as error:
            self.fault(self.written(name), field, str(error))
            return None

    def of_item(self, item: lists.Item, name: str, field: str, read: Callable[[object], T]) -> T | None:
        """As `get`, of one object of a list."""
        try:
            return read(item.get(name.lower()))
        except ValueError as error:
            self.fault(name, field, str(error))
            return None

    def fault(self, column: str, field: str, detail: str) -> None:
        """Notes a fault, once for each name and form."""
        fault = Fault(column, detail, f"$.data.{field}" if field else "$.subject")
        if fault not in self._said.faults:
            self._said.faults.append(fault)

    def list_of(self, name: str, field: str) -> list[lists.Item] | None:
        """The objects of the list of `name`, here or in the XML text; None when there is no such list.

        Of several places the first that holds anything counts.
        """
        found = None
        for place in (f"danhsach{name}".lower(), name.lower()):
            if place in self._fields:
                found = self._items(place, self._fields[place], name, field)
                if found:
                    return found
        for place in (f"danhsach{name}".lower(), name.lower()):
            if lists.has(self._extent, place):
                return self._items(EXTENT.lower(), lists.find(self._extent, place), name, field)
        return found

    def _items(self, place: str, value: object, name: str, field: str) -> list[lists.Item]:
        try:
            return lists.items(value, name.lower())
        except ValueError as error:
            self.fault(self._written[place], field, str(error))
            return []

    def fees(self) -> list[lists.Item] | None:
        """The fees, under a known name or as any list of objects with a `Gia`."""
        found = None
        for name in (FEES, "PhiLePhi"):
            listed = self.list_of(name, "fee_due")
            if listed:
                return listed
            found = listed if found is None else found
        for value in self._fields.values():
            if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
                priced: list[lists.Item] = [lists.lower(one) for one in value]
                if any("gia" in fee for fee in priced):
                    return priced
        return found
