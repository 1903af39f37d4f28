"""What an import did, as it is kept: causes and places of what was refused, never a value."""

from typing import Annotated

import msgspec
from msgspec import Meta

Short = Annotated[str, Meta(max_length=300)]
MOST = 1000


class CauseRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Why rows were refused; `examples` are the places of the first of them."""

    column: Short
    reason: Short
    rows: int
    examples: Annotated[list[Short], Meta(max_length=3)]


class NoticeRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Something odd in the record of a dossier."""

    dossier: Short
    notice: Annotated[str, Meta(pattern="^[a-z_]{1,40}$")]


class ImportRecord(msgspec.Struct, forbid_unknown_fields=True):
    """What an import did. Instants in µs; `newest`, `new`, `changed`, `unchanged` None: not compared."""

    agency: Annotated[str, Meta(pattern="^[A-Y][0-9]{2}$")]
    source: Short
    format: Short
    kind: Short
    files: Annotated[list[Short], Meta(max_length=MOST)]
    digests: Annotated[list[Short], Meta(max_length=MOST)]
    as_of: int
    rows: int
    sent: int
    refused: int
    newest: int | None = None
    new: int | None = None
    changed: int | None = None
    unchanged: int | None = None
    causes: Annotated[list[CauseRecord], Meta(max_length=MOST)] = []
    notices: Annotated[list[NoticeRecord], Meta(max_length=100_000)] = []
