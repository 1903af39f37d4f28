"""Rows of a table into what they say, by a mapping."""

import re
from collections.abc import Mapping
from datetime import datetime

from emc.errors import InputError
from emc.events import TYPE_DECLARATION
from producers.errors import Unmappable
from producers.importing import fields
from producers.importing.kinds import DOSSIERS, Kind
from producers.importing.mapping import ABSENT, OTHER, FileMapping
from producers.importing.record_readers import Record
from producers.importing.rows import Unreadable
from producers.importing.template import Part, Template
from producers.local_times import read_time
from producers.said import Fault, Said
from producers.source_words import folded

_number = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{9}|[0-9]{12})(?![0-9A-Za-z])").search


class TableReader:
    """Reads rows by a mapping; `agency` stands for `{agency}` in a template.

    `words` are the statuses that the source's table knows, folded: they hold where the mapping names none.
    """

    def __init__(
        self,
        mapping: FileMapping,
        agency: str,
        kind: Kind = DOSSIERS,
        statuses: Mapping[str, int] | None = None,
    ) -> None:
        self._mapping = mapping
        self._agency = agency
        self._kind = kind
        self._statuses = statuses or {}
        self._subject: Template | str = mapping.subject or kind.subject
        own = {name: name for name in kind.fields if name not in mapping.constants}
        self._sources: Mapping[str, str] = own if mapping.columns is None else mapping.columns
        self._used = {*self._sources.values(), *(name for name in self._columns_of_subject() if name)}

    def _columns_of_subject(self) -> list[str | None]:
        if not isinstance(self._subject, Template):
            return [fields.nfc(self._subject)]
        return [self._column_of_part(part) for part in self._subject.parts if part.name is not None]

    def _column_of_part(self, part: Part) -> str | None:
        """The column that a part of the template is read from; None for a field and the agency."""
        if part.is_column or not (part.name == "agency" or self._is_field(part.name or "")):
            return fields.nfc(part.name or "")
        return None

    def _is_field(self, name: str) -> bool:
        return name in self._sources or name in self._mapping.constants

    def wanted(self, columns: list[str]) -> list[str]:
        """The columns that the mapping names; those with the contract's names when it names none."""
        known = {fields.nfc(name) for name in columns}
        needed = set() if self._mapping.columns is None else set(self._mapping.columns.values())
        needed |= {name for name in self._columns_of_subject() if name}
        if self._mapping.columns is None and isinstance(self._subject, Template):
            needed |= {part.name for part in self._subject.parts if part.name in self._sources} - {None}  # type: ignore[arg-type]
        if missing := sorted(needed - known):
            raise InputError(_missing(missing, needed, columns))
        if self._mapping.columns is None and known.isdisjoint(self._sources):
            raise InputError(
                f"no column bears a name of the contract, expected any of {', '.join(self._sources)}"
            )
        return [name for name in columns if fields.nfc(name) in self._used]

    def read(self, record: Record) -> Said:
        """Each field from its column or constant, then what the row is about."""
        record = {fields.nfc(name): value for name, value in record.items()}
        said = Said("", dict(self._mapping.constants))
        for field, column in self._sources.items():
            if column in record:
                try:
                    self._read_field(field, column, self._cell(record, column), said.data)
                except Unmappable as error:
                    said.faults.append(Fault(error.column, error.reason, f"$.data.{field}"))
        self._read_subject(record, said)
        said.unknown = [name for name in record if name not in self._used]
        return said

    def _cell(self, record: Record, column: str) -> object:
        value = record.get(column)
        return value.strip() if self._mapping.trim and isinstance(value, str) else value

    def _read_field(self, field: str, column: str, value: object, data: dict[str, object]) -> None:
        values = self._mapping.values.get(field, {})
        empty = fields.is_empty(value)
        text = "" if empty else fields.nfc(fields.as_text(value))
        if text in values and text != OTHER:
            data[field] = values[text]
        elif empty:
            if self._mapping.when_empty(field) != ABSENT:
                data[field] = None
        elif OTHER in values and not isinstance(value, Unreadable):
            data[field] = values[OTHER]
        elif field == "status" and not text.isdigit() and folded(text) in self._statuses:
            data[field] = self._statuses[folded(text)]
        else:
            try:
                data[field] = fields.convert(field, value, self._mapping.zone, self._mapping.dates)
            except ValueError as error:
                raise Unmappable(column, str(error)) from None

    def _read_subject(self, record: Record, said: Said) -> None:
        at_fault = {fault.column for fault in said.faults}
        try:
            if isinstance(self._subject, Template):
                said.subject = self._subject.fill(lambda part: self._value_of(part, record, said.data))
            elif self._kind.type == TYPE_DECLARATION:
                said.subject = self._time(record, fields.nfc(self._subject)).date().isoformat()
            else:
                said.subject = self._text(record, fields.nfc(self._subject))
        except Unmappable as error:
            if error.column not in at_fault:  # a faulty column is told once
                said.faults.append(Fault(error.column, error.reason, "$.subject"))

    def _value_of(self, part: Part, record: Record, data: dict[str, object]) -> datetime | str:
        name = fields.nfc(part.name or "")
        if not part.is_column:
            if name == "agency":
                return self._agency
            if self._is_field(name):
                return self._field_text(name, data)
        return self._time(record, name) if "%" in part.form else self._text(record, name)

    def _field_text(self, name: str, data: dict[str, object]) -> datetime | str:
        value = data.get(name)
        if value is None:
            raise Unmappable(self._sources.get(name, name), self._needed())
        if name in fields.INSTANTS:
            return read_time(value, self._mapping.zone).astimezone(self._mapping.zone)
        return fields.as_text(value)

    def _time(self, record: Record, column: str) -> datetime:
        zone = self._mapping.zone
        value = self._cell(record, column)
        try:
            if isinstance(value, Unreadable):
                raise ValueError(value.reason)
            return read_time(value, zone, self._mapping.dates).astimezone(zone)
        except ValueError as error:
            raise Unmappable(column, str(error)) from None

    def _text(self, record: Record, column: str) -> str:
        value = self._cell(record, column)
        if fields.is_empty(value) or isinstance(value, Unreadable):
            raise Unmappable(column, self._needed())
        return fields.as_text(value)

    def _needed(self) -> str:
        return f"expected a value: the {self._kind.subject}'s code needs it"

    def column_of(self, field: str | None, record: Record) -> str | None:
        """The column that a field is read from; for a constant its own name, for the subject the
        template's.
        """
        if field is not None:
            return self._sources.get(field, field)
        if not isinstance(self._subject, Template):
            return self._subject
        return self._subject.names[0] if len(self._subject.names) == 1 else self._subject.text

    def kept(self, record: Record) -> Record:
        """The columns that are read; of what may be a person's number nothing, but in what the row is
        about.
        """
        subject = self._columns_of_subject()
        return {
            name: ""
            if isinstance(value, str) and _number(value) and fields.nfc(name) not in subject
            else value
            for name, value in record.items()
            if fields.nfc(name) in self._used
        }

    def time_of(self, record: Record) -> int | None:
        """A row of a table does not say when it was sent."""
        return None


def _missing(missing: list[str], needed: set[str], columns: list[str]) -> str:
    """What to say of missing columns. A first line without any of them may be no header but hold values."""
    text = f"there is no column {', '.join(map(repr, missing))}"
    if len(missing) == len(needed):
        return f"{text}: is its first line the columns' names? `emc mapping suggest` drafts a mapping"
    return f"{text}; the file has {', '.join(columns[:30])}" + (" …" if len(columns) > 30 else "")
