"""Mappings: how the columns of a file become the fields of dossier events; see `docs/connecting.md`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from emc.errors import InputError
from emc.instants import HANOI
from producers.importing import fields
from producers.importing.template import Template

NULL, ABSENT = "null", "absent"
OTHER = "*"
_KEYS: dict[str, tuple[type, ...]] = {
    "zone": (str,),
    "dates": (list,),
    "trim": (bool,),
    "dossier": (str,),
    "empty": (str, dict),
    "columns": (dict,),
    "values": (dict,),
    "constants": (dict,),
}
_KINDS = {str: "a text", list: "a list", bool: "true or false", dict: "a table"}
_offset = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])").fullmatch


@dataclass(frozen=True)
class FileMapping:
    """A mapping, checked. `columns` is None when the file's columns bear the contract's names.

    `values` holds, per field, what a cell's text stands for, in the contract's terms; `empty` says of a field
    (or of `*`) whether an empty cell is `null` or `absent`.
    """

    zone: tzinfo = HANOI
    dates: tuple[str, ...] = ()
    trim: bool = False
    dossier: Template | str = "dossier"
    empty: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] | None = None
    values: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)

    def when_empty(self, name: str) -> str:
        """What an empty cell of a field stands for: `null` or `absent`."""
        return self.empty.get(name, self.empty.get(OTHER, NULL))


def load_mapping(path: Path) -> FileMapping:
    """Reads a mapping from TOML; InputError says which key is wrong and what is expected."""
    try:
        with path.open("rb") as file:
            given = tomllib.load(file)
    except OSError as error:
        raise InputError(f"the mapping {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the mapping {path} is not TOML: {error}") from None
    try:
        return read_mapping(given)
    except InputError as error:
        raise InputError(f"the mapping {path}: {error}") from None


def read_mapping(given: Mapping[str, Any]) -> FileMapping:
    """A mapping from its keys; InputError says which one is wrong and what is expected."""
    for key, value in given.items():
        _one_of("key", key, _KEYS)
        if not isinstance(value, _KEYS[key]):
            raise InputError(
                f"{key} is {value!r}, expected {' or '.join(_KINDS[kind] for kind in _KEYS[key])}"
            )
    zone = _zone(given.get("zone", "+07:00"))
    dates = tuple(_texts("dates", given.get("dates", [])))
    columns = given.get("columns")
    constants = _converted("constants", given.get("constants", {}), zone, dates)
    mapping = FileMapping(
        zone=zone,
        dates=dates,
        trim=given.get("trim", False),
        dossier=_dossier(given.get("dossier", "dossier")),
        empty=_empty(given.get("empty", NULL)),
        columns=None if columns is None else _columns(columns),
        values={name: _values(name, table, zone, dates) for name, table in given.get("values", {}).items()},
        constants=constants,
    )
    _check_sources(mapping)
    return mapping


def _check_sources(mapping: FileMapping) -> None:
    for name in mapping.constants:
        if name in (mapping.columns or {}):
            raise InputError(f"{name} is in [columns] and in [constants], expected one of them")
    for name in mapping.values:
        if mapping.columns is not None and name not in mapping.columns:
            raise InputError(f"[values.{name}] has no column: expected {name} in [columns]")


def _one_of(kind: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise InputError(f"unknown {kind} {name!r}, expected one of {', '.join(known)}")


def _texts(key: str, values: list[object]) -> list[str]:
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(values):
        raise InputError(f"{key} is {values!r}, expected a list of texts")
    return texts


def _zone(text: str) -> tzinfo:
    match = _offset(text)
    if match:
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise InputError(
            f"zone is {text!r}, expected an offset as +07:00 or a name as Asia/Ho_Chi_Minh"
        ) from None


def _dossier(text: str) -> Template | str:
    if not text:
        raise InputError("dossier is empty, expected a column's name or a template")
    return Template(text) if "{" in text else text


def _empty(given: str | Mapping[str, object]) -> dict[str, str]:
    table = {OTHER: given} if isinstance(given, str) else given
    for name, meaning in table.items():
        _one_of("field in [empty]", name, (*fields.FIELDS, OTHER))
        if meaning not in (NULL, ABSENT):
            raise InputError(f"empty is {meaning!r} for {name}, expected {NULL} or {ABSENT}")
    return {name: str(meaning) for name, meaning in table.items()}


def _columns(table: Mapping[str, object]) -> dict[str, str]:
    for name, column in table.items():
        _one_of("field in [columns]", name, fields.FIELDS)
        if not isinstance(column, str) or not column:
            raise InputError(f"columns.{name} is {column!r}, expected a column's name")
    return {name: str(column) for name, column in table.items()}


def _values(name: str, table: object, zone: tzinfo, dates: tuple[str, ...]) -> dict[str, object]:
    _one_of("field in [values]", name, (one for one in fields.FIELDS if one != "components"))
    if not isinstance(table, dict):
        raise InputError(f"values.{name} is {table!r}, expected a table")
    return {key: _value(f"values.{name}.{key!r}", name, value, zone, dates) for key, value in table.items()}


def _converted(
    table_name: str, table: Mapping[str, object], zone: tzinfo, dates: tuple[str, ...]
) -> dict[str, object]:
    for name in table:
        _one_of(f"field in [{table_name}]", name, fields.FIELDS)
    return {name: _value(f"{table_name}.{name}", name, value, zone, dates) for name, value in table.items()}


def _value(place: str, name: str, value: object, zone: tzinfo, dates: tuple[str, ...]) -> object:
    if value == "":
        return None
    try:
        return fields.convert(name, value, zone, dates)
    except ValueError as error:
        raise InputError(f"{place} is {value!r}: {error}") from None
