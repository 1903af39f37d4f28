"""Rows into dossiers: by a mapping for tables, by the adapter for dossier-sync records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from emc.errors import InputError
from producers import dossier_sync
from producers.errors import Unmappable
from producers.importing import fields
from producers.importing.mapping import ABSENT, OTHER, FileMapping
from producers.importing.template import Template, ValueOf
from producers.local_times import read_time

Record = Mapping[str, object]


@dataclass(slots=True)
class Dossier:
    """What a row says: a dossier's code, the data of its event, the names of fields nothing was made of."""

    code: str
    data: dict[str, object]
    unknown: list[str]


class RowReader(Protocol):
    """Turns rows into dossiers."""

    def wanted(self, columns: list[str]) -> list[str]:
        """The columns to read; InputError when one that is needed is not there."""

    def read(self, record: Record) -> Dossier:
        """The dossier of a row; Unmappable names the column that has no counterpart in the contract."""

    def column_of(self, field: str | None, record: Record) -> str | None:
        """The file's name for a contract field, or (None) for the dossier's code."""


class SyncReader:
    """Reads dossier-sync records."""

    def wanted(self, columns: list[str]) -> list[str]:
        """Never asked: each record has its own fields."""
        return columns

    def read(self, record: Record) -> Dossier:
        """By the adapter; the column in Unmappable is as the record writes it."""
        try:
            dossier = dossier_sync.read_record(record)
        except Unmappable as error:
            raise Unmappable(_as_written(error.column, record), error.reason) from None
        return Dossier(dossier.code, dossier.data, dossier.unknown)

    def column_of(self, field: str | None, record: Record) -> str | None:
        """The official name, in the record's letters."""
        return _as_written("MaHoSo" if field is None else dossier_sync.COLUMNS.get(field, field), record)


def _as_written(name: str, record: Record) -> str:
    variants = (name.lower(), name.lower().removeprefix("danhsach"))
    return next((written for written in record if written.lower() in variants), name)


class TableReader:
    """Reads rows of a table by a mapping; `agency` stands for `{agency}` in a template."""

    def __init__(self, mapping: FileMapping, agency: str) -> None:
        self._mapping = mapping
        self._agency = agency
        self._columns = mapping.columns
        own = {name: name for name in fields.FIELDS if name not in mapping.constants}
        self._sources: Mapping[str, str] = own if mapping.columns is None else mapping.columns
        self._parts = mapping.dossier.names if isinstance(mapping.dossier, Template) else (mapping.dossier,)
        self._used = {*self._sources.values(), *self._parts}

    def wanted(self, columns: list[str]) -> list[str]:
        """The columns that the mapping names; those with the contract's names when it names none."""
        known = set(columns)
        needed = set() if self._columns is None else set(self._columns.values())
        needed |= {part for part in self._parts if not self._is_given(part, known)}
        if missing := sorted(needed - known):
            raise InputError(_missing(missing, needed, columns))
        if self._columns is None and known.isdisjoint(self._sources):
            raise InputError(
                f"no column bears a name of the contract, expected any of {', '.join(self._sources)}"
            )
        return [name for name in columns if name in self._used]

    def _is_given(self, part: str, known: set[str]) -> bool:
        """Whether a part of the dossier's code needs no column of its own name."""
        if self._columns is None and part in self._sources:
            return part in known
        return self._is_field(part) or self._is_agency(part)

    def _is_field(self, name: str) -> bool:
        return isinstance(self._mapping.dossier, Template) and (
            name in self._sources or name in self._mapping.constants
        )

    def _is_agency(self, name: str) -> bool:
        return isinstance(self._mapping.dossier, Template) and name == "agency"

    def read(self, record: Record) -> Dossier:
        """Each field from its column or constant, then the dossier's code."""
        data = dict(self._mapping.constants)
        for field, column in self._sources.items():
            if column in record:
                self._read_field(field, column, self._cell(record, column), data)
        return Dossier(self._code(record, data), data, [name for name in record if name not in self._used])

    def _cell(self, record: Record, column: str) -> object:
        value = record.get(column)
        return value.strip() if self._mapping.trim and isinstance(value, str) else value

    def _read_field(self, field: str, column: str, value: object, data: dict[str, object]) -> None:
        values = self._mapping.values.get(field, {})
        empty = fields.is_empty(value)
        text = "" if empty else fields.as_text(value)
        if text in values and text != OTHER:
            data[field] = values[text]
        elif empty:
            if self._mapping.when_empty(field) != ABSENT:
                data[field] = None
        elif OTHER in values:
            data[field] = values[OTHER]
        else:
            try:
                data[field] = fields.convert(field, value, self._mapping.zone, self._mapping.dates)
            except ValueError as error:
                raise Unmappable(column, str(error)) from None

    def _code(self, record: Record, data: dict[str, object]) -> str:
        dossier = self._mapping.dossier
        if isinstance(dossier, Template):
            return dossier.fill(self._part_reader(record, data))
        return self._text(record, dossier)

    def _part_reader(self, record: Record, data: dict[str, object]) -> ValueOf:
        def value_of(name: str, is_time: bool) -> datetime | str:
            if self._is_field(name):
                return self._field_text(name, data)
            if self._is_agency(name) and name not in record:
                return self._agency
            return self._time(record, name) if is_time else self._text(record, name)

        return value_of

    def _field_text(self, name: str, data: dict[str, object]) -> datetime | str:
        value = data.get(name)
        if value is None:
            raise Unmappable(self._sources.get(name, name), "expected a value: the dossier's code needs it")
        if name in fields.INSTANTS:
            return read_time(value, self._mapping.zone).astimezone(self._mapping.zone)
        return fields.as_text(value)

    def _time(self, record: Record, column: str) -> datetime:
        zone = self._mapping.zone
        try:
            return read_time(self._cell(record, column), zone, self._mapping.dates).astimezone(zone)
        except ValueError as error:
            raise Unmappable(column, str(error)) from None

    def _text(self, record: Record, column: str) -> str:
        value = self._cell(record, column)
        if fields.is_empty(value):
            raise Unmappable(column, "expected a value: the dossier's code needs it")
        return fields.as_text(value)

    def column_of(self, field: str | None, record: Record) -> str | None:
        """The column that a field is read from; for a constant its own name, for the code the template's."""
        if field is None:
            return (
                self._parts[0] if len(self._parts) == 1 else str(getattr(self._mapping.dossier, "text", ""))
            )
        return self._sources.get(field, field)


def _missing(missing: list[str], needed: set[str], columns: list[str]) -> str:
    """What to say of missing columns. A first line without any of them may be no header but hold values."""
    text = f"there is no column {', '.join(map(repr, missing))}"
    if len(missing) == len(needed):
        return f"{text}: is its first line the columns' names?"
    return f"{text}; the file has {', '.join(columns[:30])}" + (" …" if len(columns) > 30 else "")
