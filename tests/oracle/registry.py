"""The agency registry as the oracle sees it: rows of the editable file, and the links between them."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

GROUPS = {"national": ("ministry", "locality"), "ministries": ("ministry",), "localities": ("locality",)}


def read_agencies(path: Path) -> list[dict[str, str]]:
    """The rows of an agencies file, by column name."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Registry:
    """Rows with at least `code`, `kind` (ministry or locality) and `successor` ('' for none).

    Delegations are rows with `source` and `agency`: a code or a group.
    """

    def __init__(
        self, rows: Iterable[Mapping[str, str]], delegations: Iterable[Mapping[str, str]] = ()
    ) -> None:
        self.kind = {}
        self.successor = {}
        for row in rows:
            self.kind[row["code"]] = row["kind"]
            self.successor[row["code"]] = row.get("successor") or ""
        self.delegated = {(row["source"], code) for row in delegations for code in self.meant(row["agency"])}

    def __contains__(self, code: str) -> bool:
        return code in self.kind

    def chain(self, code: str) -> list[str]:
        """The agency, its successor, that one's successor, …"""
        found = [code]
        while self.successor.get(found[-1]) and self.successor[found[-1]] not in found:
            found.append(self.successor[found[-1]])
        return found

    def current(self, code: str) -> str:
        """The agency that stands for this one today."""
        return self.chain(code)[-1]

    def meant(self, agency: str) -> set[str]:
        """The agencies that a delegation names: one, or those of a group."""
        return self.members(agency) if agency in GROUPS else {agency}

    def members(self, group: str) -> set[str]:
        """The agencies of `national`, `ministries` or `localities`, closed ones included."""
        return {code for code, kind in self.kind.items() if kind in GROUPS[group]}
