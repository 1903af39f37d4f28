"""The forms of the answers about imports of files."""

from typing import Annotated

import msgspec
from msgspec import Meta

from portal.answer_fields import Code, Cursor, Instant

NotCompared = Annotated[int | None, Meta(description="null: it was not compared with what was known")]


Registers = Annotated[
    str, Meta(description="Who said what when, as JSON `[[time in µs, id, {field: value}]]`")
]


class DossierStates(msgspec.Struct):
    """Of each dossier that is known its registers, as JSON `[[time in µs, id, {field: value}]]`."""

    states: dict[str, str]


class CatalogueEntry(msgspec.Struct):
    """An entry of a catalogue; `valid_from` in days since 1970-01-01."""

    procedure: str
    valid_from: int
    service_level: str
    eligible_full_online: bool
    result_required: bool
    published: bool
    registers: Registers


class Declaration(msgspec.Struct):
    """What an agency declared to have handled on a day."""

    day: str
    received: int | None
    resolved: int | None
    registers: Registers


class Declarations(msgspec.Struct):
    """A page of the days that an agency declared, in their order."""

    declarations: list[Declaration]
    next: Cursor


class Catalogue(msgspec.Struct):
    """A page of an agency's catalogue of procedures."""

    entries: list[CatalogueEntry]
    next: Cursor


class Import(msgspec.Struct):
    """What an import of files did."""

    id: str
    agency: Code
    source: str
    format: str
    kind: str
    files: list[str]
    digests: Annotated[list[str], Meta(description="SHA-256 of each file, in hex")]
    as_of: Instant
    imported_at: Instant
    newest: Annotated[str | None, Meta(description="Newest moment that any row tells of")]
    rows: int
    sent: int
    refused: int
    new: NotCompared
    changed: NotCompared
    unchanged: NotCompared


class Imports(msgspec.Struct):
    """The newest imports."""

    imports: list[Import]


class RefusalCause(msgspec.Struct):
    """Why rows were refused, with the places of the first of them; `column` null: the whole row."""

    column: str | None
    reason: str
    rows: int
    examples: list[str]


class ImportDetail(Import):
    """An import, with the causes of what it refused."""

    refusals: list[RefusalCause]


class ImportKept(msgspec.Struct):
    """The identifier under which an import is kept."""

    id: str


class SourceWarning(msgspec.Struct):
    """What is odd in a source, in how many dossiers, as in these; `field`: the flag that never varies."""

    source: str
    warning: str
    field: str | None
    dossiers: int
    examples: list[str]
    means: str


class SourceWarnings(msgspec.Struct):
    """What is odd in what an agency's sources report."""

    warnings: list[SourceWarning]
    next: Cursor


IMPORT_ANSWERS = (
    *(DossierStates, Catalogue, Declarations, Imports, ImportDetail, ImportKept),
    SourceWarnings,
)
