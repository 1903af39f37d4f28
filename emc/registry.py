"""The agency registry and the published figures: editable CSV files shipped beside this module.

Agency codes follow the shared catalogue of electronic identifiers; those marked `code_verified` were read
in a source, the others are to be confirmed before use. Codes are closed (`valid_to`, `successor`), never
removed. The ministries merged in 2025 are not marked closed: no source with their new codes was at hand.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import msgspec

from emc.errors import SettingError

GROUPS = ("national", "ministries", "localities")
Kind = Literal["ministry", "locality"]
_KIND_OF_GROUP = {"ministries": "ministry", "localities": "locality"}
_DATA = Path(__file__).parent / "data"


class Agency(msgspec.Struct, frozen=True):
    """One level-1 agency. `successor` and `valid_to` are set when its code is closed."""

    code: str
    name: str
    kind: Kind
    successor: str | None
    valid_to: date | None
    code_verified: bool
    emc_connection_2024_04: str


class ReportedFigure(msgspec.Struct, frozen=True):
    """A figure that somebody published: shown beside the computed rates, never asserted as truth."""

    metric: str
    scope: str
    value: float
    unit: str
    as_of: date
    source: str
    sentence: str
    note: str


class Registry:
    """All agencies by code, with the successor links and the groups."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        self.agencies: Mapping[str, Agency] = {agency.code: agency for agency in agencies}
        self._chains = {code: self._chain(code) for code in self.agencies}
        self.reporting = frozenset((source, code) for code, chain in self._chains.items() for source in chain)
        """All pairs (source, agency) in which the source may report for the agency."""

    def _chain(self, code: str) -> list[str]:
        chain = [code]
        while (following := self.agencies[chain[-1]].successor) is not None:
            if following not in self.agencies or following in chain:
                raise SettingError(
                    f"agency registry: {code} has no valid chain of successors at {following!r}"
                )
            chain.append(following)
        return chain

    def __contains__(self, code: object) -> bool:
        return code in self.agencies

    def current(self, code: str) -> str:
        """The agency that stands for `code` today: the end of its chain of successors."""
        return self._chains[code][-1]

    def reports_of(self, code: str) -> frozenset[str]:
        """Whose reports an agency may read: its own and those of the agencies that it succeeded."""
        return frozenset(agency for agency, chain in self._chains.items() if code in chain)

    def speaks_for(self, source: str, agency: str) -> bool:
        """Whether `source` may report for `agency`: itself, or one reached by its successor links."""
        return (source, agency) in self.reporting

    def members(self, group: str) -> frozenset[str]:
        """The codes of `national`, `ministries` or `localities`; KeyError for another group."""
        if group == "national":
            return frozenset(self.agencies)
        kind = _KIND_OF_GROUP[group]
        return frozenset(code for code, agency in self.agencies.items() if agency.kind == kind)


def load_registry(path: Path | None = None) -> Registry:
    """Reads the agencies of a CSV file, by default the one shipped; SettingError when it is not usable."""
    path = path or _DATA / "agencies.csv"
    return Registry(_agency(row, f"{path.name}, line {n}") for n, row in enumerate(_rows(path), start=2))


def load_reported_figures(path: Path | None = None) -> list[ReportedFigure]:
    """Reads the published figures of a CSV file, by default the one shipped."""
    return [
        msgspec.convert(row, ReportedFigure, strict=False)
        for row in _rows(path or _DATA / "reported_figures.csv")
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: expected a readable UTF-8 CSV file ({type(error).__name__})") from None


def _agency(row: Mapping[str, str], place: str) -> Agency:
    kind = row.get("kind")
    if kind not in get_args(Kind):
        raise SettingError(f"agency registry: {place}: kind is {kind!r}, expected ministry or locality")
    try:
        return Agency(
            code=row["code"],
            name=row["name"],
            kind="ministry" if kind == "ministry" else "locality",
            successor=row["successor"] or None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            code_verified=row["code_verified"] == "yes",
            emc_connection_2024_04=row["emc_connection_2024_04"],
        )
    except (KeyError, ValueError) as error:
        raise SettingError(f"agency registry: {place}: {error}") from None
