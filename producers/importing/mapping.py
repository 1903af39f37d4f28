"""Mappings: how the columns of a file become the fields of events; see `docs/importing.md`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any

from emc.errors import InputError
from emc.instants import HANOI
from producers.importing.kinds import DOSSIERS, Kind
from producers.importing.template import Template

NULL, ABSENT = "null", "absent"
OTHER = "*"


@dataclass(frozen=True)
class FileMapping:
    """A mapping, checked. `columns` is None when the file's columns bear the contract's names.

    `subject` is what an event is about: a column, or (of dossiers) a template. `values` holds, per field,
    what a cell's text (in NFC) stands for, in the contract's terms; `empty` says of a field (or of `*`)
    whether an empty cell is `null` or `absent`.
    """

    zone: tzinfo = HANOI
    dates: tuple[str, ...] = ()
    trim: bool = False
    subject: Template | str | None = None
    empty: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] | None = None
    values: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)

    def when_empty(self, name: str) -> str:
        """What an empty cell of a field stands for: `null` or `absent`."""
        return self.empty.get(name, self.empty.get(OTHER, NULL))


class WrongMapping(InputError):
    """A mapping that cannot be used; `faults` are all that is wrong with it, a sentence each."""

    def __init__(self, place: str, faults: list[str]) -> None:
        told = faults[0] if len(faults) == 1 else "".join(f"\n  {fault}" for fault in faults)
        super().__init__(f"{place}: {told}" if place else told)
        self.faults = faults


def load_mapping(path: Path, kind: Kind = DOSSIERS) -> FileMapping:
    """Reads a mapping from TOML; WrongMapping says every key that is wrong and what is expected."""
    try:
        with path.open("rb") as file:
            given = tomllib.load(file)
    except OSError as error:
        raise InputError(f"the mapping {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the mapping {path} is not TOML: {error}") from None
    try:
        return read_mapping(given, kind)
    except WrongMapping as error:
        raise WrongMapping(f"the mapping {path}", error.faults) from None


def read_mapping(given: Mapping[str, Any], kind: Kind = DOSSIERS) -> FileMapping:
    """A mapping from its keys; WrongMapping says every one that is wrong and what is expected."""
    from producers.importing.mapping_keys import MappingKeys

    return MappingKeys(given, kind).mapping()
