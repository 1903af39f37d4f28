"""What an import did: counts, and every refused row with its place and reasons, never its value."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

KEPT_REFUSALS = 10_000
KEPT_NAMES = 1_000
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason for which a row does not count; a row may have several. `column` is the file's own name;
    None when the whole row is meant. `record` is its number in the file where a line may hold several, else
    0.
    """

    file: str
    line: int
    column: str | None
    reason: str
    record: int = 0


def place_of(refusal: Refusal, known: str | None = None) -> str:
    """Where a refused row is: file (unless it is the one that is known), line, and record where that is
    needed.
    """
    record = f", record {refusal.record}" if refusal.record else ""
    file = "" if refusal.file == known else f"{refusal.file}, "
    return f"{file}line {refusal.line}{record}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: `done` of `total` in bytes (rows for Parquet and workbooks) over all files."""

    file: str
    done: int
    total: int
    rows: int
    refused: int


@dataclass(slots=True)
class Cause:
    """Refusals alike: how many, and the first of them."""

    column: str | None
    reason: str
    count: int = 0
    examples: list[Refusal] = field(default_factory=list)

    def add(self, refusal: Refusal) -> None:
        """Counts one, and keeps it while it is among the first three."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(refusal)


@dataclass(slots=True)
class ImportReport:
    """The result of an import.

    `rows` = `sent` + `refused`, in rows. `sent_by_agency` counts under the agencies in the dossiers' codes.
    `refusals` holds the first 10 000 reasons, `causes` all of them, alike ones together. `notices` counts
    what was odd but countable. `unknown_fields` counts, by name, fields of records that nothing is made of;
    `unused_columns` are a table's columns likewise. `remarks` are sentences about files as a whole.
    """

    files: list[str] = field(default_factory=list)
    rows: int = 0
    sent: int = 0
    refused: int = 0
    sent_by_agency: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    causes: dict[tuple[str | None, str], Cause] = field(default_factory=dict)
    notices: Counter[str] = field(default_factory=Counter)
    unknown_fields: Counter[str] = field(default_factory=Counter)
    unused_columns: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Counts a refused row with all its reasons and keeps them while there is room."""
        self.refused += 1
        for refusal in refusals:
            key = refusal.column, refusal.reason
            if key in self.causes or len(self.causes) < KEPT_NAMES:
                self.causes.setdefault(key, Cause(*key)).add(refusal)
            if len(self.refusals) < KEPT_REFUSALS:
                self.refusals.append(refusal)

    def count_unknown(self, names: list[str]) -> None:
        """Counts fields by name; beyond a thousand names under `…`."""
        for name in names:
            known = name in self.unknown_fields or len(self.unknown_fields) < KEPT_NAMES
            self.unknown_fields[name[:100] if known else "…"] += 1
