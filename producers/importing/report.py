"""What an import did: counts, and every refused row with its place and reason, never its value."""

from collections import Counter
from dataclasses import dataclass, field

KEPT_REFUSALS = 10_000
KEPT_NAMES = 1_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that does not count. `column` is the file's own name; None when the whole row is meant."""

    file: str
    line: int
    column: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: `done` of `total` in bytes (rows for Parquet) over all files."""

    file: str
    done: int
    total: int
    rows: int
    refused: int


@dataclass(slots=True)
class ImportReport:
    """The result of an import.

    `rows` = `sent` + `refused`. `sent_by_agency` counts under the agencies in the dossiers' codes.
    `refusals` holds the first 10 000; `refused` counts all. `unknown_fields` counts, by name, fields of
    dossier-sync records that nothing is made of; `unused_columns` are a table's columns likewise.
    """

    files: list[str] = field(default_factory=list)
    rows: int = 0
    sent: int = 0
    refused: int = 0
    sent_by_agency: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    unknown_fields: Counter[str] = field(default_factory=Counter)
    unused_columns: list[str] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        """Counts a refused row and keeps it while there is room."""
        self.refused += 1
        if len(self.refusals) < KEPT_REFUSALS:
            self.refusals.append(refusal)

    def count_unknown(self, names: list[str]) -> None:
        """Counts fields by name; beyond a thousand names under `…`."""
        for name in names:
            known = name in self.unknown_fields or len(self.unknown_fields) < KEPT_NAMES
            self.unknown_fields[name[:100] if known else "…"] += 1
