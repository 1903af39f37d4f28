"""What the rows of a table may be: dossiers, entries of a catalogue, declarations of a day."""

from typing import NamedTuple

import msgspec

from emc.events import (
    TYPE_DECLARATION,
    TYPE_DOSSIER,
    TYPE_PROCEDURE,
    DeclarationData,
    DossierData,
    ProcedureData,
)


class Kind(NamedTuple):
    """`subject` is the mapping's key, and without a mapping the column, of what an event is about."""

    name: str
    type: str
    subject: str
    fields: tuple[str, ...]


def _kind(name: str, type_: str, subject: str, data: type[msgspec.Struct]) -> Kind:
    return Kind(name, type_, subject, tuple(field.name for field in msgspec.structs.fields(data)))


DOSSIERS = _kind("dossiers", TYPE_DOSSIER, "dossier", DossierData)
PROCEDURES = _kind("procedures", TYPE_PROCEDURE, "procedure", ProcedureData)
DECLARATIONS = _kind("declarations", TYPE_DECLARATION, "day", DeclarationData)
KINDS = {kind.name: kind for kind in (DOSSIERS, PROCEDURES, DECLARATIONS)}
