"""Checking a mapping key by key: everything that is wrong is told at once."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any

import msgspec

from emc.contract import judge
from emc.errors import InputError, SettingError
from emc.events import TYPE_DOSSIER
from emc.instants import now_us
from emc.registry import load_registry
from emc.verdicts import Rejected
from producers.importing import fields
from producers.importing.date_forms import directives
from producers.importing.kinds import Kind
from producers.importing.mapping import ABSENT, NULL, OTHER, FileMapping, WrongMapping
from producers.importing.template import Template
from producers.judging import field_of
from producers.source_words import read_zone

_TYPES: dict[str, tuple[Any, str]] = {
    "zone": (str, "a text"),
    "dates": (list[str], "a list of texts"),
    "trim": (bool, "true or false"),
    "dossier": (str, "a text"),
    "procedure": (str, "a text"),
    "day": (str, "a text"),
    "empty": (str | dict[str, Any], "a text or a table"),
    "columns": (dict[str, Any], "a table"),
    "values": (dict[str, Any], "a table"),
    "constants": (dict[str, Any], "a table"),
}
_SUBJECTS = {"dossier", "procedure", "day"}


class MappingKeys:
    """A mapping as it was written, of rows of one kind. Each step adds to `faults` what it finds wrong."""

    def __init__(self, given: Mapping[str, Any], kind: Kind) -> None:
        self._kind = kind
        self.faults: list[str] = []
        known = {name for name in _TYPES if name not in _SUBJECTS or name == kind.subject}
        self._given = {key: value for key, value in given.items() if self._is_well(key, value, known)}

    def mapping(self) -> FileMapping:
        """The mapping; WrongMapping with every fault."""
        given = self._given
        zone, dates = self._zone(given.get("zone", "+07:00")), self._dates(given.get("dates", []))
        columns = self._columns(given["columns"]) if "columns" in given else None
        constants = self._converted(given.get("constants", {}), zone, dates)
        values = {name: self._values(name, table, zone, dates) for name, table in self._tables(given)}
        mapping = FileMapping(
            zone=zone,
            dates=dates,
            trim=given.get("trim", False),
            subject=self._subject(given.get(self._kind.subject, self._kind.subject)),
            empty=self._empty(given.get("empty", NULL)),
            columns=columns,
            values=values,
            constants=constants,
        )
        self._check_sources(mapping)
        if self.faults:
            raise WrongMapping("", self.faults)
        return mapping

    def _is_well(self, key: str, value: Any, known: set[str]) -> bool:
        if not self._is_one_of("key", key, [name for name in _TYPES if name in known]):
            return False
        type_, expected = _TYPES[key]
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError:
            self.faults.append(f"{key} is {value!r}, expected {expected}")
            return False
        return True

    def _is_one_of(self, kind: str, name: str, known: Iterable[str]) -> bool:
        if name in known:
            return True
        self.faults.append(f"unknown {kind} {name!r}, expected one of {', '.join(known)}")
        return False

    def _check_sources(self, mapping: FileMapping) -> None:
        for name in mapping.constants:
            if name in (mapping.columns or {}):
                self.faults.append(f"{name} is in [columns] and in [constants], expected one of them")
        for name in mapping.values:
            if mapping.columns is not None and name not in mapping.columns:
                self.faults.append(f"[values.{name}] has no column: expected {name} in [columns]")

    def _zone(self, text: str) -> tzinfo:
        try:
            return read_zone(text)
        except SettingError as error:
            self.faults.append(str(error))
            return read_zone("+07:00")

    def _dates(self, forms: list[str]) -> tuple[str, ...]:
        found = []
        for form in forms:
            try:
                found.append(directives(form))
            except ValueError as error:
                self.faults.append(f"dates has {form!r}: {error}")
        return tuple(found)

    def _subject(self, text: str) -> Template | str:
        if not text:
            self.faults.append(f"{self._kind.subject} is empty, expected a column's name or a template")
        try:
            return Template(text) if "{" in text and self._kind.type == TYPE_DOSSIER else text
        except InputError as error:
            self.faults.append(str(error))
            return text

    def _empty(self, given: str | Mapping[str, object]) -> dict[str, str]:
        table = {OTHER: given} if isinstance(given, str) else given
        for name, meaning in table.items():
            self._is_one_of("field in [empty]", name, (*self._kind.fields, OTHER))
            if meaning not in (NULL, ABSENT):
                self.faults.append(f"empty is {meaning!r} for {name}, expected {NULL} or {ABSENT}")
        return {name: str(meaning) for name, meaning in table.items()}

    def _columns(self, table: Mapping[str, object]) -> dict[str, str]:
        for name, column in table.items():
            self._is_one_of("field in [columns]", name, self._kind.fields)
            if not isinstance(column, str) or not column:
                self.faults.append(f"columns.{name} is {column!r}, expected a column's name")
        return {name: fields.nfc(str(column)) for name, column in table.items()}

    def _tables(self, given: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, object]]]:
        for name, table in given.get("values", {}).items():
            if not self._is_one_of(
                "field in [values]", name, [one for one in self._kind.fields if one != "components"]
            ):
                continue
            if not isinstance(table, dict):
                self.faults.append(f"values.{name} is {table!r}, expected a table")
            elif not table:
                self.faults.append(f"[values.{name}] is empty, expected value = meaning")
                yield name, table
            else:
                yield name, table

    def _values(
        self, name: str, table: Mapping[str, object], zone: tzinfo, dates: tuple[str, ...]
    ) -> dict[str, object]:
        return {
            fields.nfc(key): self._value(f"values.{name}.{key!r}", name, value, zone, dates)
            for key, value in table.items()
        }

    def _converted(
        self, table: Mapping[str, object], zone: tzinfo, dates: tuple[str, ...]
    ) -> dict[str, object]:
        known = {
            name: value
            for name, value in table.items()
            if self._is_one_of("field in [constants]", name, self._kind.fields)
        }
        return {
            name: self._value(f"constants.{name}", name, value, zone, dates) for name, value in known.items()
        }

    def _value(self, place: str, name: str, value: object, zone: tzinfo, dates: tuple[str, ...]) -> object:
        """A value that stands for others, in the contract's terms; `""` is null."""
        if value == "":
            return None
        try:
            made = fields.convert(name, value, zone, dates)
            expected = _expected(self._kind, name, made)
        except ValueError as error:
            made, expected = None, str(error)
        if expected is not None:
            self.faults.append(f"{place} is {value!r}: {expected}")
        return made


def _expected(kind: Kind, name: str, value: object) -> str | None:
    """What the contract expects of a field instead of this value; None when it takes it."""
    subject = {"dossier": "H25-240101-0001", "procedure": "1.000001", "day": "2024-01-01"}[kind.subject]
    event = {
        "specversion": "1.0",
        "id": "x",
        "source": "/agencies/H25",
        "type": kind.type,
        "subject": subject,
        "time": "2024-01-01T00:00:00Z",
        "data": {name: value},
    }
    verdict = judge(msgspec.json.encode(event), b"H25", now_us(), load_registry())
    is_of_field = isinstance(verdict, Rejected) and field_of(verdict.path) == name
    return verdict.detail if isinstance(verdict, Rejected) and is_of_field else None
